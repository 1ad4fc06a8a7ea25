import { readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { filesIn, locksFolder } from "../../toolchain/fileBackend.ts";
import { SetupError } from "../../toolchain/step.ts";
import { isRun, type Process } from "./processes.ts";

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

/** The locks of a stack in a file backend. */
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

/** The run that holds a lock of this machine: it was there before the lock, and is still there. */
export const holder = ({ owner, since }: Lock, all: readonly Process[]): Process | undefined =>
  all.find((each) => each.pid === owner?.pid && isRun(each) && each.started <= since.getTime() + SLACK_MS);

/** Refuses to go on where a run may still be at work on the stack: one of this machine that lives, or another's. */
export function refuseLive(stack: string, locks: readonly Lock[], all: readonly Process[], backendUrl: string): void {
  for (const lock of locks) {
    const { owner, file, since } = lock;
    if (owner && owner.host !== hostname()) {
      throw new SetupError(
        `environment ${stack} was locked ${age(since)} ago by process ${owner.pid} of ${owner.user} on the machine ` +
          `${owner.host}; see there whether it still runs (ps ${owner.pid}), and if it does not, remove ${file}`,
      );
    }
    const run = owner ? holder(lock, all) : all.find((each) => isRun(each) && usesBackend(each, backendUrl));
    if (run) {
      throw new SetupError(
        `environment ${stack} is being worked on by process ${run.pid} (${run.command.join(" ").slice(0, 120)}), ` +
          `which started ${age(new Date(run.started))} ago; wait for it, or stop it with kill -INT ${run.pid}`,
      );
    }
  }
}

const usesBackend = ({ environment }: Process, backendUrl: string): boolean =>
  environment.PULUMI_BACKEND_URL === backendUrl;

/** How long ago something was, for people. */
export function age(then: Date, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - then.getTime()) / 1000));
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
