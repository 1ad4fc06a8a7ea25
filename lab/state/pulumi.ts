import { keepCopies } from "../../toolchain/copies.ts";
import { run, stream } from "../../toolchain/run.ts";
import { requireEngine } from "./engineIdentity.ts";

/**
 * Runs a `pulumi` command that changes an environment, with this terminal as its own; gives its exit code. On another
 * engine than the environment's it is refused.
 */
export async function pulumi(environment: string, args: readonly string[]): Promise<number> {
  await requireEngine(environment);
  return pulumiAnywhere(environment, args);
}

/** As {@link pulumi}, on whichever engine there is. */
export function pulumiAnywhere(environment: string, [command = "", ...args]: readonly string[]): Promise<number> {
  keepCopies();
  const display = ["--suppress-outputs", ...(process.stdout.isTTY ? [] : ["--suppress-progress"])];
  return stream("pulumi", [command, "--yes", "--skip-preview", "--stack", environment, ...display, ...args]);
}

/** Takes a resource and all that depends on it out of the state, without a look at what they are. */
export async function forget(environment: string, urn: string): Promise<void> {
  keepCopies();
  await run("pulumi", ["state", "delete", urn, "--target-dependents", "--yes", "--stack", environment]);
}
