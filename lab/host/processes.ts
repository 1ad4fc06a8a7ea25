import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** A process of this host, as the kernel shows it (proc_pid_stat(5)). */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Milliseconds since the epoch. */
  readonly started: number;
  /** Name of the program's file; for another user's process, its name in the kernel. */
  readonly program: string;
  /** The program and its arguments; empty if the process has exited. */
  readonly command: readonly string[];
  /** Working directory and environment; empty for another user's process. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Clock ticks per second in /proc, a constant of the kernel (USER_HZ). */
const TICKS = 100;
/** How long a process may take to exit before it is killed: a script undoes what it was creating. */
const GRACE_MS = 10_000;
const POLL_MS = 100;

/** Returns all visible processes. */
export function processes(): Process[] {
  const boot = Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]) * 1000;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(pid, boot) ?? []);
}

function readProcess(pid: string, boot: number): Process | undefined {
  const file = (name: string) => join("/proc", pid, name);
  try {
    const stat = readFileSync(file("stat"), "utf8");
    // The name in parentheses may contain anything; the fields after it are numbers.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const strings = (name: string) =>
      or("", () => readFileSync(file(name), "utf8"))
        .split("\0")
        .filter(Boolean);
    return {
      pid: Number(pid),
      parent: Number(fields[1]),
      session: Number(fields[3]),
      started: boot + (Number(fields[19]) * 1000) / TICKS,
      program: or(stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")), () =>
        basename(readlinkSync(file("exe")).replace(/ \(deleted\)$/, "")),
      ),
      command: strings("cmdline"),
      cwd: or("", () => readlinkSync(file("cwd"))),
      environment: Object.fromEntries(strings("environ").map((line) => line.split(/=(.*)/s, 2) as [string, string])),
    };
  } catch {
    return undefined;
  }
}

function or<T>(instead: T, read: () => T): T {
  try {
    return read();
  } catch {
    return instead;
  }
}

/** Whether a process is a run of the Pulumi CLI. */
export const isRun = ({ program }: Process): boolean => program === "pulumi";

/** Whether a process is a plugin of the CLI: a provider or a language host. */
const isHelper = ({ program }: Process): boolean => /^pulumi-(resource|language)-/.test(program);

/** Owner of runs: a checkout with a backend. */
export interface Owner {
  readonly checkout: string;
  readonly backendUrl: string;
}

/**
 * Returns the processes that killed runs have left running: helpers of this checkout and backend without their parent,
 * and their descendants. The new parent of an orphan is init or a session manager, which is in another session; the CLI
 * that started a helper is in the same session.
 */
export function orphans(all: readonly Process[], { checkout, backendUrl }: Owner): Process[] {
  const byPid = new Map(all.map((process) => [process.pid, process]));
  const isOurs = ({ cwd, environment }: Process) =>
    (cwd === checkout || cwd.startsWith(`${checkout}/`)) && (environment.PULUMI_BACKEND_URL ?? "") === backendUrl;
  const lost = ({ parent, session }: Process) => parent === 1 || byPid.get(parent)?.session !== session;
  const withChildren = (process: Process): Process[] => [
    process,
    ...all.filter(({ parent }) => parent === process.pid).flatMap(withChildren),
  ];
  return all.filter((process) => isHelper(process) && isOurs(process) && lost(process)).flatMap(withChildren);
}

/** Terminates exactly these processes; returns those that still run. */
export async function end(doomed: readonly Process[]): Promise<Process[]> {
  signal(doomed, "SIGTERM");
  const left = await gone(doomed);
  signal(left, "SIGKILL");
  return gone(left);
}

async function gone(doomed: readonly Process[]): Promise<Process[]> {
  const deadline = Date.now() + GRACE_MS;
  let left = running(doomed);
  while (left.length > 0 && Date.now() < deadline) {
    await setTimeout(POLL_MS);
    left = running(left);
  }
  return left;
}

/** Returns the processes that still run; excludes zombies and PIDs that another process has reused. */
function running(some: readonly Process[]): Process[] {
  const now = new Map(processes().map((process) => [process.pid, process]));
  return some.filter(({ pid, started }) => now.get(pid)?.started === started && now.get(pid)?.command.length);
}

function signal(some: readonly Process[], name: NodeJS.Signals): void {
  for (const { pid } of running(some)) {
    try {
      process.kill(pid, name);
    } catch {
      // It has exited, or belongs to another user; the result lists what still runs.
    }
  }
}
