import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { PROJECT, PROJECT_NAME } from "./environment.ts";
import { accountHome } from "./home.ts";

/** The folder in which a file backend keeps the states of this project's stacks (pulumi, pkg/backend/diy/store.go). */
export const stacksFolder = (backend: string): string => join(backend, ".pulumi", "stacks", PROJECT_NAME);
/** The state file of a stack. */
export const stateFile = (backend: string, stack: string): string => join(stacksFolder(backend), `${stack}.json`);
/** The folder of a stack's locks, one file per run (pkg/backend/diy/lock.go). */
export const locksFolder = (backend: string, stack: string): string =>
  join(backend, ".pulumi", "locks", "organization", PROJECT_NAME, stack);

/** The folder of a file backend, from its URL; undefined for other kinds of backend. */
export function backendFolder(url: string): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const path = decoded(url.slice("file://".length).replace(/[?#].*$/s, ""));
  return resolve(PROJECT, path.replace(/^~(?=\/|$)/, accountHome()));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // not a URL; Pulumi refuses it, too
  }
}

/**
 * The folder for copies of a backend's states, next to the checkout's own backend (the path set by
 * commands/environment.sh). Undefined for any other backend: its operator keeps the history.
 */
export const copiesFolder = (backend: string): string | undefined =>
  backend.endsWith("/.dockernet/state") ? join(backend, "..", "copies") : undefined;

/** A file with a stack's state. */
export interface Checkpoint {
  readonly file: string;
  /** When it was written. */
  readonly time: Date;
  readonly resources: number;
}

/** Reads a checkpoint; throws an error whose message says what is wrong with the file, to be printed after its name. */
export function readCheckpoint(file: string): Checkpoint {
  const text = readFileSync(file, "utf8");
  return { file, time: statSync(file).mtime, resources: countResources(text) };
}

/** The number of resources in a checkpoint's text; throws if the text is not a valid checkpoint. */
export function countResources(text: string): number {
  if (text.trim() === "") throw new Error("it is empty");
  const { version, checkpoint } = parse(text);
  if (typeof version !== "number" || checkpoint === null || typeof checkpoint !== "object") {
    throw new Error("it is not a Pulumi state: it has no version or no checkpoint");
  }
  const { latest } = checkpoint as { latest?: { resources?: unknown } | null };
  // A stack without an `up` has no deployment yet.
  if (latest === undefined || latest === null) return 0;
  if (typeof latest !== "object" || !Array.isArray(latest.resources ?? [])) {
    throw new Error("it is not a Pulumi state: it has no list of resources");
  }
  return ((latest.resources ?? []) as unknown[]).length;
}

function parse(text: string): { version?: unknown; checkpoint?: unknown } {
  try {
    return Object(JSON.parse(text)) as object;
  } catch (error) {
    const cut = /Unexpected end|Unterminated/.test((error as Error).message);
    throw new Error(cut ? `it is truncated after ${text.length} characters` : "it is not JSON");
  }
}

/** The files of a folder, sorted by name; empty if the folder does not exist. */
export function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The stacks of a backend that have a state file, even a damaged one. */
export const stacksIn = (backend: string): string[] =>
  filesIn(stacksFolder(backend))
    .filter((name) => name.endsWith(".json"))
    .map((name) => basename(name, ".json"));
