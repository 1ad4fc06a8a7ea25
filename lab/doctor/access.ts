import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { sshOptions } from "../../components/lib/sshOptions.ts";
import type { HostAccess } from "../../stacks/checks.ts";
import { attempt, lastWords, run } from "../../toolchain/run.ts";
import type { Judgement } from "./finding.ts";
import { type Greeting, greet } from "./greet.ts";

/** Time for a machine to take a connection, and again for it to greet. */
const GREETING_SEC = 3;
/** Time for all that is looked at on a machine. */
const LOOK_MS = 20_000;
/** Where ssh takes nothing from the user's own configuration, keeps no connection, and asks for the time that is left. */
const OWN_OPTIONS = ["-o", "ControlPath=none", "-o", `ConnectTimeout=${GREETING_SEC}`];

/** What a script printed on a machine, or why nobody gets in. */
export type Entered = { readonly printed: string } | { readonly refused: Judgement };

/** Runs a script on a machine, as root where its settings say so, and tells what is in the way as exactly as it can. */
export async function enter(access: HostAccess, script: string): Promise<Entered> {
  const { address, port, user, keyFile, hostKey, sudo } = access;
  const key = await keyProblem(keyFile);
  if (key) return { refused: key };
  const greeting = await greet(address, port, GREETING_SEC);
  if (greeting.kind !== "greeting" || !greeting.line.startsWith("SSH-")) return { refused: noServer(access, greeting) };
  const options = [...OWN_OPTIONS, ...sshOptions(address, hostKey, keyFile), "-p", String(port), `${user}@${address}`];
  const command = `${sudo ? "sudo -n " : ""}sh -s`;
  try {
    return { printed: await run("ssh", [...options, "--", command], { timeoutMs: LOOK_MS, input: script }) };
  } catch (error) {
    return { refused: await refusal(access, lastWords(error, 3)) };
  }
}

/** What is wrong with the file of a private key, as ssh without a terminal and Pulumi see it. */
export async function keyProblem(file: string): Promise<Judgement | undefined> {
  const id = "ssh-key";
  const problem = (what: string, why: string, mend: string): Judgement => ({ id, level: "problem", what, why, mend });
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat)
    return problem(`the private key ${file} does not exist`, "nobody gets in without it", "name another keyFile");
  const mode = stat.mode & 0o777;
  if (stat.uid === process.getuid?.() && (mode & 0o077) !== 0) {
    const what = `the private key ${file} has mode ${mode.toString(8).padStart(4, "0")}`;
    return problem(what, "ssh takes no key that others may read", `chmod 600 ${file}`);
  }
  const said = await run("ssh-keygen", ["-y", "-P", "", "-f", file], { timeoutMs: 5_000 }).then(
    () => "",
    (error) => lastWords(error, 1),
  );
  if (said === "") return undefined;
  if (/incorrect passphrase/.test(said)) {
    const mend = `make a key of its own without one: ssh-keygen -t ed25519 -N '' -f ${file}-dockernet`;
    return problem(`the private key ${file} is protected by a passphrase`, "nobody is there to type it", mend);
  }
  return problem(
    `${file} is no private key that ssh can read: ${said}`,
    "nobody gets in without it",
    "name another keyFile",
  );
}

function noServer({ address, port }: HostAccess, greeting: Greeting): Judgement {
  const at = `${address}:${port}`;
  const [what, mend] = {
    unreachable: [`no route leads to ${at}`, `ip route get ${address}`],
    silent: [`${at} is silent for ${GREETING_SEC} s`, "start the machine, or open the port in the firewall before it"],
    refused: [
      `${at} refuses the connection`,
      "start its SSH server: systemctl start ssh; or set the port it listens on",
    ],
    mute: [
      `${at} takes the connection and says nothing for ${GREETING_SEC} s`,
      "start its SSH server again: systemctl restart ssh",
    ],
    closed: [`${at} closes the connection without a word`, "see why in its log: journalctl -u ssh"],
    greeting: [
      `${at} is no SSH server: it says ${JSON.stringify("line" in greeting ? greeting.line.slice(0, 40) : "")}`,
      "set the port of its SSH server",
    ],
  }[greeting.kind] as [string, string];
  return { id: "ssh", level: "problem", what, why: "everything on the machine is done over SSH", mend };
}

/** Why ssh or sudo did not run a script, by their own words. */
async function refusal(access: HostAccess, said: string): Promise<Judgement> {
  const { address, user, keyFile, port } = access;
  const problem = (id: string, what: string, why: string, mend: string): Judgement => ({
    id,
    level: "problem",
    what,
    why,
    mend,
  });
  if (/Host key verification failed|no matching host key type/i.test(said)) return wrongHostKey(access);
  if (/Permission denied/i.test(said)) {
    const mend = `ssh-copy-id -i ${keyFile} -p ${port} ${user}@${address}`;
    return problem("ssh-key", `${user}@${address} does not take the key ${keyFile}`, "nobody gets in without it", mend);
  }
  if (/sudo: .*(password|askpass|terminal)/i.test(said)) {
    const mend = `echo '${user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/${user}`;
    return problem("sudo", `sudo asks ${user} for a password`, "nobody is there to type it", mend);
  }
  if (/sudo.*not found/i.test(said)) {
    return problem(
      "sudo",
      "there is no sudo on it",
      "the settings say sudo: true",
      `apt-get install sudo, or log in as root`,
    );
  }
  if (/sudo|sudoers/i.test(said))
    return problem("sudo", `sudo refuses ${user}: ${said}`, "only root may do what labs do", "see sudoers(5)");
  return problem(
    "ssh",
    `${user}@${address} lets nobody in: ${said}`,
    "everything on the machine is done over SSH",
    `ssh -v -p ${port} ${user}@${address}`,
  );
}

/** The fingerprint of a public key, as `ssh-keygen -l` shows it. */
export const fingerprint = (key: string): string =>
  `SHA256:${createHash("sha256")
    .update(Buffer.from(key.split(/\s+/)[1] ?? "", "base64"))
    .digest("base64")
    .replace(/=+$/, "")}`;

async function wrongHostKey({ address, port, hostKey }: HostAccess): Promise<Judgement> {
  const scan = ["-T", String(GREETING_SEC), "-t", "ed25519", "-p", String(port), address];
  const printed = (await attempt("ssh-keyscan", scan, { timeoutMs: 2 * GREETING_SEC * 1_000 })) ?? "";
  const shown = printed
    .split("\n")
    .map((line) => /ssh-ed25519 \S+/.exec(line)?.[0])
    .find(Boolean);
  const id = "host-key";
  if (shown === undefined) {
    const [what, mend] = [
      `${address} shows no ed25519 host key`,
      "make one there: ssh-keygen -A, then systemctl restart ssh",
    ];
    return { id, level: "problem", what, why: "no other kind of host key can be pinned", mend };
  }
  const what = `${address} shows the host key ${fingerprint(shown)}, and the settings have ${fingerprint(hostKey)}`;
  const why = "it is another machine, or one that was made anew; whoever is in between would look the same";
  const mend = `compare it on the machine (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then set hostKey: ${shown}`;
  return { id, level: "problem", what, why, mend };
}
