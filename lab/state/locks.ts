import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { filesIn, locksFolder } from "../../toolchain/fileBackend.ts";
import { isRun, type Process } from "../host/processes.ts";

/** Content of a Pulumi lock (pkg/backend/diy/lock.go). */
const Content = z.object({ pid: z.int(), username: z.string(), hostname: z.string(), timestamp: z.coerce.date() });

export interface Lock {
  readonly file: string;
  /** When it was taken. */
  readonly since: Date;
  /** Holder of the lock; undefined if the lock cannot be read. */
  readonly owner?: { readonly pid: number; readonly user: string; readonly host: string };
}

/** Tolerance for a lock that seems older than its run: the kernel's start times are coarse. */
const SLACK_MS = 2000;

/**
 * Reads the locks of a stack in a file backend, which no command lists; the locks of a service expire by themselves.
 */
export function readLocks(backend: string, stack: string): Lock[] {
  const folder = locksFolder(backend, stack);
  return filesIn(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readLock(join(folder, name)) ?? []);
}

function readLock(file: string): Lock | undefined {
  try {
    const { pid, username: user, hostname: host, timestamp } = Content.parse(JSON.parse(readFileSync(file, "utf8")));
    return { file, since: timestamp, owner: { pid, user, host } };
  } catch {
    const broken = statSync(file, { throwIfNoEntry: false });
    return broken && { file, since: broken.mtime };
  }
}

/** Returns the run that holds a lock of this host: it started before the lock and still runs. */
export const holder = ({ owner, since }: Lock, all: readonly Process[]): Process | undefined =>
  all.find((each) => each.pid === owner?.pid && isRun(each) && each.started <= since.getTime() + SLACK_MS);
