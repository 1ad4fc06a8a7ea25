import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import { PROJECT } from "../../toolchain/environment.ts";

/** Output of a command, both streams, and its result. */
export interface Ended {
  /** Exit code; -1 if a signal ended it. */
  readonly code: number;
  readonly text: string;
  readonly seconds: number;
}

/** A running command in its own process group. */
export interface Running {
  readonly pid: number;
  readonly text: () => string;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Waits until the output matches; throws if the command exits before. */
  readonly saw: (pattern: RegExp) => Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Time to wait for the last output of an exited process whose children hold its pipe open, in milliseconds. */
const LAST_OUTPUT_MS = 3000;

export function begin(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Running {
  const began = performance.now();
  const child = spawn(program, args, { cwd: PROJECT, env: { ...process.env, ...env }, detached: true });
  let text = "";
  let over = false;
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (chunk) => {
      text += chunk;
    });
  }
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", async (code) => {
      const seconds = (performance.now() - began) / 1000;
      await Promise.race([closed, setTimeout(LAST_OUTPUT_MS)]);
      over = true;
      for (const output of [child.stdout, child.stderr]) output.destroy();
      resolve({ code: code ?? -1, text, seconds });
    });
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    text: () => text,
    signal: (signal) => void process.kill(pid, signal),
    saw: async (pattern) => {
      while (!pattern.test(text)) {
        if (over) throw new Error(`exited without ${pattern}: ${lastLines(text)}`);
        await setTimeout(20);
      }
    },
    ended,
  };
}

/** The end of a command's output, on one line. */
export const lastLines = (text: string): string => text.trim().split("\n").slice(-12).join(" | ");

/** A process from /proc. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly program: string;
}

/** Processes with this text in their environment. */
export function processesWith(text: string): Process[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((entry) => {
      try {
        if (!readFileSync(`/proc/${entry}/environ`, "utf8").includes(text)) return [];
        const [, parent] = readFileSync(`/proc/${entry}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
        return [{ pid: Number(entry), parent: Number(parent), program: basename(readlinkSync(`/proc/${entry}/exe`)) }];
      } catch {
        return []; // it has exited, or belongs to another user
      }
    });
}
