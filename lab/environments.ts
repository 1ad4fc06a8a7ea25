import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Identity } from "../components/lib/identity.ts";
import { PROJECT, PROJECT_NAME } from "../toolchain/environment.ts";
import { SetupError } from "../toolchain/step.ts";

const FOLDER = join(PROJECT, "stacks");

/** Who an environment of this project is. */
export const identityOf = (environment: string): Identity => ({ project: PROJECT_NAME, stack: environment });

/** The settings file of an environment, whether it is there or not. */
export const settingsOf = (environment: string): string => join(FOLDER, `Pulumi.${environment}.yaml`);

/** The environments that have a settings file. */
export const environments = (): string[] =>
  readdirSync(FOLDER).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);

/** Refuses an environment without a settings file. */
export function requireSettings(environment: string): void {
  if (existsSync(settingsOf(environment))) return;
  throw new SetupError(`there is no environment ${environment} in stacks/; there are ${environments().join(", ")}`);
}
