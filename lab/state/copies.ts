import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "../../toolchain/copies.ts";
import { PROJECT_NAME } from "../../toolchain/environment.ts";
import { type Checkpoint, copiesFolder, filesIn, readCheckpoint, stateFile } from "../../toolchain/fileBackend.ts";

/** Condition of a stack's state in a file backend. */
export type State =
  | { readonly kind: "good" }
  | { readonly kind: "missing" }
  | { readonly kind: "damaged"; readonly reason: string };

export function lookAtState(backend: string, stack: string): State {
  const file = stateFile(backend, stack);
  if (!existsSync(file)) {
    // With PULUMI_DIY_BACKEND_COMPRESSION the state is in a file that only Pulumi reads.
    return [".gz", ".zst"].some((end) => existsSync(file + end)) ? { kind: "good" } : { kind: "missing" };
  }
  try {
    readCheckpoint(file);
    return { kind: "good" };
  } catch (error) {
    return { kind: "damaged", reason: (error as Error).message };
  }
}

/**
 * Returns the good copies of a stack's state, newest first: this project's, and those that Pulumi leaves in a file
 * backend, which are the state after each run, before the last change and before a removal.
 */
export function goodCopies(backend: string, stack: string): Checkpoint[] {
  const own = copiesFolder(backend);
  const inPulumi = (...path: string[]) => join(backend, ".pulumi", ...path);
  const places: readonly (readonly [folder: string, ends: string])[] = [
    ...(own ? [[join(own, stack), ".json"] as const] : []),
    [inPulumi("history", PROJECT_NAME, stack), ".checkpoint.json"],
    [inPulumi("backups", PROJECT_NAME, stack), ".json"],
  ];
  const files = places.flatMap(([folder, ends]) =>
    filesIn(folder)
      .filter((name) => name.endsWith(ends))
      .map((name) => join(folder, name)),
  );
  return [...files, `${stateFile(backend, stack)}.bak`]
    .flatMap(readGood)
    .sort((a, b) => b.time.getTime() - a.time.getTime());
}

function readGood(file: string): Checkpoint[] {
  try {
    const checkpoint = readCheckpoint(file);
    // The project's copies are named after the time of the state, not of the copy.
    const named = /(\d{4}-\d\d-\d\dT[\d:.]+Z)\.json$/.exec(file)?.[1];
    return [named ? { ...checkpoint, time: new Date(named) } : checkpoint];
  } catch {
    return [];
  }
}

/** Returns the ids of the resources in a checkpoint. */
export function idsIn({ file }: Checkpoint): Set<string> {
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint: { latest?: { resources?: { id?: string }[] } | null };
  };
  return new Set((checkpoint.latest?.resources ?? []).flatMap(({ id }) => id ?? []));
}

/** Replaces a stack's state by a copy; keeps the previous file next to it. */
export function restore(backend: string, stack: string, { file }: Checkpoint): void {
  const state = stateFile(backend, stack);
  const content = readFileSync(file);
  if (existsSync(state)) renameSync(state, `${state}.damaged-${new Date().toISOString()}`);
  writeDurably(state, content);
}
