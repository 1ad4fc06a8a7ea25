import { resolve } from "node:path";
import { readScript } from "../../components/host-script/scriptText.ts";
import { noiseBefore, unframed } from "../../components/lib/frame.ts";
import { quote } from "../../components/lib/quote.ts";
import { KEPT_SEC, type SshTarget, sshOptions } from "../../components/lib/sshOptions.ts";
import type { HostAccess } from "../../stacks/checks.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { attempt, errorTail, type RunOptions, run } from "../../toolchain/run.ts";

const FRAME = readScript(new URL("../../components/host-script/frame.sh", import.meta.url));
/** Exit code of ssh where it is ssh that failed (ssh(1)). */
const SSH_FAILED = 255;

/** What came of a script on a host. */
export interface Answer {
  /** What the script printed. */
  readonly text: string;
  /** What the login shell printed of its own on standard output. */
  readonly noise: string;
}

/** Runs a script of sh on a host and gives what it printed: see {@link askOverSsh}. */
export const runOverSsh = async (...asked: Parameters<typeof askOverSsh>): Promise<string> =>
  (await askOverSsh(...asked)).text;

/**
 * Runs a script of sh on a host, as root where its settings say so, over one connection (ssh(1), ControlMaster); throws
 * when it fails. What the login shell prints of its own is no part of the text, nor of the error. `first` are options of
 * ssh that take precedence.
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
  // Of these words every login shell makes the same. The script is on standard input, where it needs no quotes.
  const command = `exec ${sudo ? "sudo -n " : ""}sh -s`;
  if (jump && first.length === 0 && !options.signal?.aborted) await opened(login, options.signal);
  const printed = await run("ssh", [...login, "--", command], { ...options, input }).catch((error) => {
    throw onItsOwn(access, error);
  });
  const text = unframed(printed);
  if (text === undefined) throw loginShellEnded(access, 0, printed);
  return { text: text.trim(), noise: noiseBefore(printed) };
}

/** The connections that were opened, and when. */
const openings = new Map<string, { readonly done: Promise<unknown>; readonly at: number }>();

/**
 * Waits until the connection to a host is there, which all commands then share. Many that start at once would each make one
 * of its own, and a jump host that has the default of sshd turns them away at the eleventh (MaxStartups in sshd_config(5)).
 * When it fails, the command itself tells why.
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

/** A host with the path of its key's file as from anywhere: a key of the project's own is named by its path in the checkout. */
export const inCheckout = <T extends Pick<SshTarget, "keyFile">>(host: T): T =>
  host.keyFile === undefined ? host : { ...host, keyFile: resolve(PROJECT, host.keyFile) };

/** A command as a script that reads nothing. */
export const scriptOf = (command: readonly string[]): string => `${command.map(quote).join(" ")} </dev/null`;

/** The failure of a command without what the login shell printed around it. */
function onItsOwn(access: HostAccess, error: Error & { stdout?: string; stderr?: string; code?: unknown }): Error {
  const { stdout = "", stderr = "", code } = error;
  const [out, err] = [unframed(stdout), unframed(stderr)];
  if (out !== undefined || err !== undefined) {
    const message = `a command failed on ${access.address}, with exit code ${code}`;
    return Object.assign(new Error(message), { stdout: out ?? "", stderr: err ?? "", code });
  }
  // What the ssh that leads through a jump host tells is lost where a connection is kept (sshconnect.c in OpenSSH).
  if (access.jump && /UNKNOWN port \d+/.test(stderr)) {
    return new Error(
      `jump host ${access.jump.address} did not connect to ${access.address}:${access.port}; npx lab doctor says why`,
    );
  }
  // Of its own troubles ssh tells on standard error, as sudo does.
  if (typeof code !== "number" || code === SSH_FAILED || /\bsudo\b/.test(stderr)) return error;
  // A banner of sshd's is among the latter (sshd_config(5)), so that neither stands for the other.
  const said = [stdout, stderr]
    .map((text) => errorTail({ stdout: text, message: "" }, 1))
    .filter((line) => line !== "");
  return loginShellEnded(access, code, said.join(" / "));
}

const loginShellEnded = ({ user, address }: HostAccess, code: number, said: string): Error =>
  new Error(
    `the login shell of ${user}@${address} ended with exit code ${code} before it ran a command; it printed ${JSON.stringify(said.slice(0, 100))}`,
  );
