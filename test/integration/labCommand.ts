import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { PROJECT } from "../../toolchain/environment.ts";
import type { Environment } from "./environment.ts";

/** Result of a command. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `lab COMMAND ENVIRONMENT ARGUMENTS` as a user does, without a TTY. */
export async function labCommand({ name, env }: Environment, command: string, ...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [join(PROJECT, "lab", "lab.ts"), command, name, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** Runs `lab recover`, after which every check must pass; returns its output. */
export async function recovered(lab: Environment): Promise<string> {
  const { code, stdout, stderr } = await labCommand(lab, "recover", "--yes");
  assert.match(stdout, / recovered: \d+ passed, 0 failed/, stdout + stderr);
  assert.equal(code, 0);
  return stdout;
}
