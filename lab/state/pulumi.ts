import { keepCopies } from "../../toolchain/copies.ts";
import { run, stream } from "../../toolchain/run.ts";
import { requireEngine } from "./engineIdentity.ts";
import { readExport } from "./stackExport.ts";

/**
 * Runs a `pulumi` command that changes an environment, on this terminal; returns its exit code. Refuses to run on an
 * engine other than the environment's.
 */
export async function pulumi(environment: string, args: readonly string[]): Promise<number> {
  await requireEngine(environment);
  return pulumiAnywhere(environment, args);
}

/** Runs an update that also replaces these resources; returns its exit code. */
export const replace = (environment: string, urns: readonly string[]): Promise<number> =>
  pulumi(environment, ["up", ...urns.flatMap((urn) => ["--replace", urn])]);

/** Same as {@link pulumi}, on any engine. */
export function pulumiAnywhere(environment: string, [command = "", ...args]: readonly string[]): Promise<number> {
  keepCopies();
  const display = ["--suppress-outputs", ...(process.stdout.isTTY ? [] : ["--suppress-progress"])];
  return stream("pulumi", [command, "--yes", "--skip-preview", "--stack", environment, ...display, ...args]);
}

/** Deletes resources and their dependents from the state, without looking at the actual objects. */
export async function forget(environment: string, urns: readonly string[]): Promise<void> {
  keepCopies();
  for (const urn of urns) {
    // It may have been deleted with a previous one, and Pulumi rejects unknown resources.
    const { resources } = await readExport(environment);
    if (!resources.some((each) => each.urn === urn)) continue;
    await run("pulumi", ["state", "delete", urn, "--target-dependents", "--yes", "--stack", environment]);
  }
}
