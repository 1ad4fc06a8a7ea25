import { resolve } from "node:path";
import { readScript } from "../../components/host-script/scriptText.ts";
import { noiseBefore, unframed } from "../../components/lib/frame.ts";
import { quote } from "../../components/lib/quote.ts";
import { KEPT_SEC, type SshTarget, sshOptions } from "../../components/lib/sshOptions.ts";
import type { HostAccess } from "../../stacks/checks.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { attempt, errorTail, type RunOptions, run } from "../../toolchain/run.ts";

const FRAME = readScript(new URL("../../components/host-script/frame.sh", import.meta.url));
/** Exit code of ssh if ssh itself failed (ssh(1)). */
const SSH_FAILED = 255;

/** Result of a script on a host. */
export interface Answer {
  /** Output of the script. */
  readonly text: string;
  /** What the login shell itself printed on standard output. */
  readonly noise: string;
}

/** Runs a sh script on a host and returns its output: see {@link askOverSsh}. */
export const runOverSsh = async (...asked: Parameters<typeof askOverSsh>): Promise<string> =>
  (await askOverSsh(...asked)).text;

/**
 * Runs a sh script on a host, as root if its settings say so, over one connection (ssh(1), ControlMaster); throws if it
 * fails. The text and the error exclude what the login shell itself prints. `first` are ssh options that take
 * precedence.
 */
export async function askOverSsh(
  access: HostAccess,
  script: string,
  options: Omit<RunOptions, "input"> = {},
  first: readonly string[] = [],
): Promise<Answer> {
  const { address, port, user, sudo, jump } = access;
  const target = { ...inCheckout(access), jump: jump && inCheckout(jump) };
  const login = [...first, ...sshOptions(target), "-p", String(port), `${user}@${address}`];
  const input = `LC_ALL=C; export LC_ALL\n${FRAME}\nbody() {\n${script}\n}\nrun_framed body\n`;
  // Every login shell parses these words in the same way. The script is on standard input, where it needs no quotes.
  const command = `exec ${sudo ? "sudo -n " : ""}sh -s`;
  if (jump && first.length === 0 && !options.signal?.aborted) await opened(login, options.signal);
  const printed = await run("ssh", [...login, "--", command], { ...options, input }).catch((error) => {
    throw onItsOwn(access, error);
  });
  const text = unframed(printed);
  if (text === undefined) throw loginShellEnded(access, 0, printed);
  return { text: text.trim(), noise: noiseBefore(printed) };
}

/** Opened connections, and when. */
const openings = new Map<string, { readonly done: Promise<unknown>; readonly at: number }>();

/**
 * Waits for the connection to a host, which all commands then share. Otherwise each of many concurrent commands would
 * open its own, and a jump host with the defaults of sshd refuses the eleventh (MaxStartups in sshd_config(5)). If it
 * fails, the command itself reports why.
 */
async function opened(login: readonly string[], signal?: AbortSignal): Promise<void> {
  const key = login.join(" ");
  const now = Date.now();
  const known = openings.get(key);
  const opening =
    known && now - known.at < (KEPT_SEC * 1_000) / 2
      ? known
      : { done: attempt("ssh", [...login, "--", "true"], { input: "" }), at: now };
  openings.set(key, opening);
  const aborted = new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
  await Promise.race([opening.done, aborted]);
}

/** Makes the path of a host's key file absolute: the path of a key of this project is relative to the checkout. */
export const inCheckout = <T extends Pick<SshTarget, "keyFile">>(host: T): T =>
  host.keyFile === undefined ? host : { ...host, keyFile: resolve(PROJECT, host.keyFile) };

/** Formats a command as a script that reads no input. */
export const scriptOf = (command: readonly string[]): string => `${command.map(quote).join(" ")} </dev/null`;

/** Removes the login shell's output from the error of a command. */
function onItsOwn(access: HostAccess, error: Error & { stdout?: string; stderr?: string; code?: unknown }): Error {
  const { stdout = "", stderr = "", code } = error;
  const [out, err] = [unframed(stdout), unframed(stderr)];
  if (out !== undefined || err !== undefined) {
    const message = `a command failed on ${access.address}, with exit code ${code}`;
    return Object.assign(new Error(message), { stdout: out ?? "", stderr: err ?? "", code });
  }
  // With a kept connection, OpenSSH drops the errors of the ssh that connects through a jump host (sshconnect.c).
  if (access.jump && /UNKNOWN port \d+/.test(stderr)) {
    return new Error(
      `jump host ${access.jump.address} did not connect to ${access.address}:${access.port}; npx lab doctor says why`,
    );
  }
  // ssh reports its own errors on standard error, as does sudo.
  if (typeof code !== "number" || code === SSH_FAILED || /\bsudo\b/.test(stderr)) return error;
  // Standard error may contain a banner of sshd (sshd_config(5)), so both outputs are reported.
  const said = [stdout, stderr]
    .map((text) => errorTail({ stdout: text, message: "" }, 1))
    .filter((line) => line !== "");
  return loginShellEnded(access, code, said.join(" / "));
}

const loginShellEnded = ({ user, address }: HostAccess, code: number, said: string): Error =>
  new Error(
    `the login shell of ${user}@${address} ended with exit code ${code} before it ran a command; it printed ${JSON.stringify(said.slice(0, 100))}`,
  );
