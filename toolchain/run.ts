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

/** What a command that failed said last, for an error that a person reads. */
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
   * What it reads from its standard input.
   * @default - nothing: the input is left open
   */
  readonly input?: string;
  /**
   * Ends the command at once when it is aborted.
   * @default - none
   */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a command to its end and gives its standard output, trimmed; throws when it fails. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { cwd, env, timeoutMs, input, signal } = options;
  const running = execFileAsync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    maxBuffer: 64 * 2 ** 20,
  });
  if (input !== undefined) {
    // A command that ends without having read all of it breaks the pipe; why it ended, it says itself.
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
  // A command that takes the signal for a wish to end well, as docker does, would pass for one that succeeded.
  if (running.child.killed) throw late();
  return stdout.trim();
}

/** As {@link run}, but undefined when the command fails or does not exist. */
export const attempt = (command: string, args: readonly string[], options?: RunOptions): Promise<string | undefined> =>
  run(command, args, options).catch(() => undefined);

/**
 * Runs a command with this terminal as its own; gives its exit code. Being interrupted is the command's affair: it gets
 * the signal, by the terminal or by this process, and this process waits until it has cleaned up.
 */
export const stream = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
    const handlers: [NodeJS.Signals, () => void][] = [
      ["SIGINT", () => {}],
      ["SIGTERM", () => child.kill("SIGTERM")],
      // The Pulumi CLI dies of a closed terminal and leaves its lock; of an interrupt it ends in good order.
      ["SIGHUP", () => child.kill("SIGINT")],
    ];
    for (const [signal, handler] of handlers) process.on(signal, handler);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      for (const [name, handler] of handlers) process.off(name, handler);
      resolve(signal ? 128 + constants.signals[signal] : (code ?? 1));
    });
  });

/** The path of a program on PATH, as `command -v` finds it, without the folders that `skip` says to pass over. */
export function which(program: string, skip: (folder: string) => boolean = () => false): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "" && !skip(folder));
  return search.sync(program, { nothrow: true, path: folders.join(delimiter) }) ?? undefined;
}
