import * as pulumi from "@pulumi/pulumi";
import { foundOrigin } from "../toolchain/environment.ts";
import { type Config, parseConfig } from "./config.ts";
import { withPreset } from "./presets.ts";

/** Reads the stack's settings. The only place in the program that reads Pulumi configuration or the environment. */
export function readConfig(): Config {
  const identity = { project: pulumi.getProject(), stack: pulumi.getStack() };
  const own = `${identity.project}:`;
  const raw = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(own))
    .map(([key, value]) => [key.slice(own.length), value] as const);
  const settings = withPreset(identity.stack, Object.fromEntries(raw));
  return parseConfig(identity, settings, origin(), process.env.DOCKER_HOST || undefined);
}

/** Source of images: DOCKERNET_IMAGES if set, else what the set-up of this checkout found. */
function origin(): string | undefined {
  const known = process.env.DOCKERNET_IMAGES || foundOrigin();
  if (known) return known;
  void pulumi.log.info(
    "images come from Docker Hub, since DOCKERNET_IMAGES is not set; where no registry answers, " +
      "npm run setup builds them from Debian packages",
  );
  return undefined;
}
