import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { filesIn, locksFolder } from "../../toolchain/fileBackend.ts";
import { isRun, type Process } from "../host/processes.ts";

/** What Pulumi writes into a lock (pkg/backend/diy/lock.go). */
const Content = z.object({ pid: z.int(), username: z.string(), hostname: z.string(), timestamp: z.coerce.date() });

export interface Lock {
  readonly file: string;
  /** When it was taken. */
  readonly since: Date;
  /** Who holds it; undefined for a lock that cannot be read. */
  readonly owner?: { readonly pid: number; readonly user: string; readonly host: string };
}

/** Time between the start of a run and its lock may not be negative; the kernel's clock of starts is coarse. */
const SLACK_MS = 2000;

/** The locks of a stack in a file backend, which no command lists; a service's own end by themselves. */
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

/** The run that holds a lock of this host: it was there before the lock, and is still there. */
export const holder = ({ owner, since }: Lock, all: readonly Process[]): Process | undefined =>
  all.find((each) => each.pid === owner?.pid && isRun(each) && each.started <= since.getTime() + SLACK_MS);
