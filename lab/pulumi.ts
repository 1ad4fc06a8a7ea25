import { keepCopies } from "../toolchain/copies.ts";
import { stream } from "../toolchain/run.ts";

/** Runs a `pulumi` command that changes an environment, with this terminal as its own; gives its exit code. */
export function pulumi(environment: string, [command = "", ...args]: readonly string[]): Promise<number> {
  keepCopies();
  const display = ["--suppress-outputs", ...(process.stdout.isTTY ? [] : ["--suppress-progress"])];
  return stream("pulumi", [command, "--yes", "--skip-preview", "--stack", environment, ...display, ...args]);
}
