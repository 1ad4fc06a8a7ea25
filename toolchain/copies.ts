import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { backendFolder, copiesFolder, countResources, filesIn, stacksIn, stateFile } from "./fileBackend.ts";

/** Maximum number of copies of a stack's state. */
const KEPT = 20;

/**
 * Copies each undamaged state in the checkout's own backend that has not been copied yet. The copy's name is the time
 * that the state was written. A copy that cannot be written is only a warning: it must not block a command.
 */
export function keepCopies(backendUrl = process.env.PULUMI_BACKEND_URL ?? ""): void {
  const backend = backendFolder(backendUrl);
  const copies = backend && copiesFolder(backend);
  if (!backend || !copies) return;
  for (const stack of stacksIn(backend)) {
    try {
      keepCopy(stateFile(backend, stack), join(copies, stack));
    } catch (error) {
      console.error(`warning: could not copy the state of ${stack}: ${(error as Error).message}`);
    }
  }
}

function keepCopy(state: string, folder: string): void {
  const name = `${statSync(state).mtime.toISOString()}.json`;
  const known = filesIn(folder).filter((each) => each.endsWith(".json"));
  const newest = known.at(-1);
  if (newest === name) return;
  const content = readFileSync(state);
  if (!isGood(content) || (newest && readFileSync(join(folder, newest)).equals(content))) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeDurably(join(folder, name), content);
  for (const old of [...known, name].sort().slice(0, -KEPT)) rmSync(join(folder, old), { force: true });
}

function isGood(content: Buffer): boolean {
  try {
    countResources(content.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

/** Writes a file atomically: it exists completely or not at all, even if the machine stops during the write. */
export function writeDurably(file: string, content: Buffer): void {
  const draft = `${file}.${process.pid}`;
  try {
    const opened = openSync(draft, "w", 0o600);
    try {
      writeFileSync(opened, content);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
