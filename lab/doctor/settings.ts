import { dirname } from "node:path";
import { RunError } from "@pulumi/pulumi/errors.js";
import * as z from "zod";
import { type Config, parseConfig } from "../../stacks/config.ts";
import { PROJECT_NAME } from "../../toolchain/environment.ts";
import { identityOf, requireSettings, settingsOf } from "../environments.ts";
import type { Judgement } from "./finding.ts";

const Values = z.record(z.string(), z.object({ value: z.string().optional() }));

/** The settings of a stack, strings by key, in what `pulumi config --json` prints. */
export const readSettings = (json: string): Record<string, string> =>
  ownOf(
    // A secret has no value here; none of the settings is one.
    Object.entries(Values.parse(JSON.parse(json))).flatMap(([key, { value }]) =>
      value === undefined ? [] : [[key, value]],
    ),
  );

/** The settings of a stack that Pulumi does not know yet, from its file. */
export async function settingsFile(environment: string): Promise<Record<string, string>> {
  requireSettings(environment);
  // It takes most of a second to load, and is not needed for a stack that was up before.
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
  const workspace = await LocalWorkspace.create({ workDir: dirname(settingsOf(environment)) });
  const { config = {} } = await workspace.stackSettings(environment);
  return ownOf(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

const ownOf = (entries: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries(
    entries.flatMap(([key, value]) =>
      key.startsWith(`${PROJECT_NAME}:`) ? [[key.slice(PROJECT_NAME.length + 1), value]] : [],
    ),
  );

/** The settings with their defaults, or what a preview would say of them. */
export function checkSettings(
  environment: string,
  raw: Readonly<Record<string, string>>,
): { config: Config } | { wrong: Judgement } {
  try {
    // What a backend puts before a stack's name, organization and project, is no part of what a program is told.
    const stack = environment.split("/").at(-1) ?? environment;
    return { config: parseConfig(identityOf(stack), raw, process.env.DOCKERNET_IMAGES) };
  } catch (error) {
    if (!RunError.isInstance(error)) throw error;
    return {
      wrong: { id: "settings", level: "problem", what: error.message, mend: "the settings are explained in README.md" },
    };
  }
}
