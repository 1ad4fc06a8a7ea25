import { execFile, spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import search from "which";

const execFileAsync = promisify(execFile);

interface Failure {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly message: string;
}

/** The last lines of a failed command's output, for an error message. */
export const errorTail = (error: unknown, lines = 20): string => {
  const { stdout = "", stderr = "", message } = error as Failure;
  return (stderr.trim() || stdout.trim() || message).split("\n").slice(-lines).join("\n");
};

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** @default - none */
  readonly timeoutMs?: number;
  /**
   * Standard input of the command.
   * @default - none: the input is left open
   */
  readonly input?: string;
  /**
   * Kills the command immediately when aborted.
   * @default - none
   */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a command and returns its standard output, trimmed; throws if it fails or exceeds `timeoutMs`. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { cwd, env, timeoutMs, input, signal } = options;
  const running = execFileAsync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    maxBuffer: 500 * 2 ** 20, // of a string, Node.js holds 2^29 characters
  });
  if (input !== undefined) {
    // A command that exits before reading all of its input breaks the pipe; its own error is reported instead.
    running.child.stdin?.on("error", () => {});
    running.child.stdin?.end(input);
  }
  const end = () => running.child.kill("SIGKILL");
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end, { once: true });
  const late = () => new Error(`${command} was not done in ${timeoutMs} ms`);
  const { stdout } = await running
    .catch((error) => {
      throw error.killed && !signal?.aborted ? late() : error;
    })
    .finally(() => signal?.removeEventListener("abort", end));
  // A command that handles the signal and exits with 0, as docker does, must not count as success.
  if (running.child.killed) throw late();
  return stdout.trim();
}

/** Like {@link run}, but returns undefined if the command fails or does not exist. */
export const attempt = (command: string, args: readonly string[], options?: RunOptions): Promise<string | undefined> =>
  run(command, args, options).catch(() => undefined);

/**
 * Runs a command on this terminal and returns its exit code. The command handles interrupts: it gets the signal from
 * the terminal or from this process, and this process waits until it has cleaned up.
 */
export const stream = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
    const handlers: [NodeJS.Signals, () => void][] = [
      ["SIGINT", () => {}],
      ["SIGTERM", () => child.kill("SIGTERM")],
      // On SIGHUP the Pulumi CLI exits and leaves its lock; on SIGINT it exits cleanly.
      ["SIGHUP", () => child.kill("SIGINT")],
    ];
    for (const [signal, handler] of handlers) process.on(signal, handler);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const [name, handler] of handlers) process.off(name, handler);
      resolve(signal ? 128 + constants.signals[signal] : (code ?? 1));
    });
  });

/**
 * The path of a program on PATH, like `command -v`, ignoring folders for which `skip` is true; undefined if not found.
 */
export function which(program: string, skip: (folder: string) => boolean = () => false): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "" && !skip(folder));
  return search.sync(program, { nothrow: true, path: folders.join(delimiter) }) ?? undefined;
}
