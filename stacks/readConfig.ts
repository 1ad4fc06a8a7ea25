import * as pulumi from "@pulumi/pulumi";
import { type Config, parseConfig } from "./config.ts";

/** The stack's settings. The only place in the program that reads Pulumi configuration or the environment. */
export function readConfig(): Config {
  const identity = { project: pulumi.getProject(), stack: pulumi.getStack() };
  const own = `${identity.project}:`;
  const raw = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(own))
    .map(([key, value]) => [key.slice(own.length), value] as const);
  return parseConfig(identity, Object.fromEntries(raw), process.env.DOCKERNET_IMAGES);
}
