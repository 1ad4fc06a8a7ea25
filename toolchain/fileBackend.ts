import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { PROJECT, PROJECT_NAME } from "./environment.ts";
import { accountHome } from "./home.ts";

/** Where a file backend keeps the states of this project's stacks (pulumi, pkg/backend/diy/store.go). */
export const stacksFolder = (backend: string): string => join(backend, ".pulumi", "stacks", PROJECT_NAME);
/** The file that is a stack's state. */
export const stateFile = (backend: string, stack: string): string => join(stacksFolder(backend), `${stack}.json`);
/** Where it keeps the locks of a stack, a file for each run that holds one (pkg/backend/diy/lock.go). */
export const locksFolder = (backend: string, stack: string): string =>
  join(backend, ".pulumi", "locks", "organization", PROJECT_NAME, stack);

/** The folder of a file backend, by its URL; undefined for a backend of another kind. */
export function backendFolder(url: string): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const path = decoded(url.slice("file://".length).replace(/[?#].*$/s, ""));
  return resolve(PROJECT, path.replace(/^~(?=\/|$)/, accountHome()));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // no URL, which Pulumi refuses, too
  }
}

/**
 * Where copies of the states of a backend are kept: beside the backend that a checkout has of its own, which
 * commands/environment.sh names so. Undefined for any other backend, whose history is the affair of who runs it.
 */
export const copiesFolder = (backend: string): string | undefined =>
  backend.endsWith("/.dockernet/state") ? join(backend, "..", "copies") : undefined;

/** A file that holds a stack's state. */
export interface Checkpoint {
  readonly file: string;
  /** When it was written. */
  readonly time: Date;
  readonly resources: number;
}

/** Reads a checkpoint; throws with what is wrong with it, in words that fit behind the file's name. */
export function readCheckpoint(file: string): Checkpoint {
  const text = readFileSync(file, "utf8");
  return { file, time: statSync(file).mtime, resources: countResources(text) };
}

/** The number of resources in the text of a checkpoint; throws with what is wrong with it. */
export function countResources(text: string): number {
  if (text.trim() === "") throw new Error("it is empty");
  const { version, checkpoint } = parse(text);
  if (typeof version !== "number" || checkpoint === null || typeof checkpoint !== "object") {
    throw new Error("it is not what Pulumi writes: there is no version or no checkpoint in it");
  }
  const { latest } = checkpoint as { latest?: { resources?: unknown } | null };
  // A stack that was made and never brought up has no deployment yet.
  if (latest === undefined || latest === null) return 0;
  if (typeof latest !== "object" || !Array.isArray(latest.resources ?? [])) {
    throw new Error("it is not what Pulumi writes: there is no list of resources in it");
  }
  return ((latest.resources ?? []) as unknown[]).length;
}

function parse(text: string): { version?: unknown; checkpoint?: unknown } {
  try {
    return Object(JSON.parse(text)) as object;
  } catch (error) {
    const cut = /Unexpected end|Unterminated/.test((error as Error).message);
    throw new Error(cut ? `it ends in the middle, after ${text.length} characters` : "it is not JSON");
  }
}

/** The files of a folder by name; none where there is no such folder. */
export function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The stacks of a backend that have a state, damaged or not. */
export const stacksIn = (backend: string): string[] =>
  filesIn(stacksFolder(backend))
    .filter((name) => name.endsWith(".json"))
    .map((name) => basename(name, ".json"));
