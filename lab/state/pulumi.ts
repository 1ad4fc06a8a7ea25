import { keepCopies } from "../../toolchain/copies.ts";
import { run, stream } from "../../toolchain/run.ts";
import { requireEngine } from "./engineIdentity.ts";
import { readExport } from "./stackExport.ts";

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

/** Takes resources and all that depends on them out of the state, without a look at what they are. */
export async function forget(environment: string, urns: readonly string[]): Promise<void> {
  keepCopies();
  for (const urn of urns) {
    // One may have gone with another, and Pulumi refuses what it does not know.
    const { resources } = await readExport(environment);
    if (!resources.some((each) => each.urn === urn)) continue;
    await run("pulumi", ["state", "delete", urn, "--target-dependents", "--yes", "--stack", environment]);
  }
}
