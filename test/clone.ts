import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../toolchain/environment.ts";
import { run } from "../toolchain/run.ts";

/** A sh command that packs the checkout `$1`, including uncommitted changes, without ignored files. */
export const PACK = `git -C "$1" ls-files -z --cached --others --exclude-standard --deduplicate |
  tar -c -C "$1" --null --ignore-failed-read --files-from -`;

/** A copy of the checkout with uncommitted changes, without a set-up, and with the installed packages. */
export async function makeClone(): Promise<{ readonly folder: string; readonly remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "dockernet-clone-"));
  await run("sh", ["-euc", `${PACK} | tar -x -C "$2"`, "sh", PROJECT, folder]);
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
