import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Identity } from "../../components/lib/identity.ts";
import { PRESETS } from "../../stacks/presets.ts";
import { PROJECT, PROJECT_NAME } from "../../toolchain/environment.ts";
import { LabError } from "../cli/errors.ts";

const FOLDER = join(PROJECT, "stacks");

/** Returns the identity of an environment of this project. */
export const identityOf = (environment: string): Identity => ({ project: PROJECT_NAME, stack: environment });

/** Returns the path of an environment's settings file, whether or not it exists. */
export const settingsOf = (environment: string): string => join(FOLDER, `Pulumi.${environment}.yaml`);

/** Returns the environments with a preset or a settings file. */
export const environments = (): string[] => {
  const files = readdirSync(FOLDER).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return [...new Set([...Object.keys(PRESETS), ...files])].sort();
};

/** Refuses an environment without settings. */
export function requireSettings(environment: string): void {
  if (environments().includes(environment)) return;
  throw new LabError(`there is no environment ${environment} in stacks/; there are ${environments().join(", ")}`);
}
