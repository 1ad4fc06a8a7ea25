import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { jumpCommand } from "../../../components/lib/sshOptions.ts";
import type { HostAccess, JumpAccess } from "../../../stacks/checks.ts";
import { agentProblem, isPublic } from "../../../stacks/userKey.ts";
import { attempt, errorTail, run } from "../../../toolchain/run.ts";
import { askOverSsh, inCheckout } from "../../host/overSsh.ts";
import { readSshBanner, type SshBanner } from "../../host/sshBanner.ts";
import type { Judgement } from "./finding.ts";

/** Time for a host to take a connection, and again to show its banner. */
const BANNER_SEC = 3;
/** Time for all that is looked at on a host. */
const LOOK_MS = 20_000;
/** Where ssh takes nothing from the user's own configuration, keeps no connection, and asks for the time that is left. */
const ownOptions = (access: HostAccess): string[] => [
  ...["-o", "ControlPath=none"],
  ...["-o", `ConnectTimeout=${Math.ceil(access.jump ? 3 * bannerSec(access) : bannerSec(access))}`],
];
const bannerSec = ({ slowness = 1 }: Pick<HostAccess, "slowness">): number => BANNER_SEC * slowness;

/** What a script printed on a host, and its login shell before that, or why the SSH login failed. */
export type Entered = { readonly printed: string; readonly noise: string } | { readonly refused: Judgement };

/** Runs a script on a host, as root where its settings say so, and tells what is in the way as exactly as it can. */
export async function enter(access: HostAccess, script: string): Promise<Entered> {
  const { jump } = access;
  const refused = (jump && (await keyProblemOf(jump))) ?? (await keyProblemOf(access)) ?? (await unreached(access));
  if (refused) return { refused };
  try {
    const { text: printed, noise } = await askOverSsh(
      access,
      script,
      { timeoutMs: LOOK_MS * (access.slowness ?? 1) },
      ownOptions(access),
    );
    return { printed, noise };
  } catch (error) {
    return { refused: await refusal(access, errorTail(error, 3)) };
  }
}

/** Why the SSH server of a host shows no banner, and which one it is on the way to it. */
async function unreached(access: HostAccess): Promise<Judgement | undefined> {
  const { jump } = access;
  const first = jump ?? access;
  const banner = await readSshBanner(first.address, first.port, jump ? BANNER_SEC : bannerSec(access));
  if (!isServer(banner)) return noServer(jump ?? access, jump ? "jump host " : "", banner);
  if (!jump) return undefined;
  const said = await readBannerThrough(jump, access);
  if (!("kind" in said)) return said;
  return isServer(said) ? undefined : noServer(access, `through jump host ${jump.address}, `, said);
}

const isServer = (banner: SshBanner): boolean => banner.kind === "banner" && banner.line.startsWith("SSH-");

/** What a host behind a jump host says when it is dialled from there, or why the jump host does not dial it. */
async function readBannerThrough(jump: JumpAccess, access: HostAccess): Promise<SshBanner | Judgement> {
  const { address, port } = access;
  const [ssh = "", ...args] = jumpCommand(inCheckout(jump), `${address}:${port}`);
  try {
    // A server sends its banner at once, so it is printed although nothing is sent.
    const line = await run(ssh, args, { timeoutMs: 2 * bannerSec(access) * 1_000, input: "" });
    return line === "" ? { kind: "closed" } : { kind: "banner", line: line.split("\n")[0]?.trim() ?? "" };
  } catch (error) {
    const said = errorTail(error, 3);
    if (/was not done in/.test(said) || /connect failed: .*timed out/i.test(said)) return { kind: "silent" };
    if (/connect failed: Connection refused/i.test(said)) return { kind: "refused" };
    if (/connect failed: /i.test(said)) return { kind: "unreachable" };
    if (/administratively prohibited/.test(said)) {
      return {
        id: "jump",
        level: "problem",
        what: `jump host ${jump.address} accepts ${jump.user}, but forwards no connection`,
        why: "the host is reached through it",
        fix: "allow it in its sshd_config: AllowTcpForwarding yes, and PermitOpen; then systemctl reload ssh",
      };
    }
    return await refusal({ ...jump, sudo: false }, said, "jump host ");
  }
}

/** What is wrong with the key of a user: its file, or the agent that has it. */
async function keyProblemOf(host: JumpAccess | HostAccess): Promise<Judgement | undefined> {
  const { address, user, keyFile } = inCheckout(host);
  if (keyFile !== undefined) return keyProblem(keyFile);
  const said = agentProblem();
  if (said === undefined) return undefined;
  return {
    id: "ssh-key",
    level: "problem",
    what: `the ssh agent has no key for ${user}@${address}: ${said}`,
    why: "no keyFile is set, so SSH login needs the agent at SSH_AUTH_SOCK",
    fix: "eval $(ssh-agent), then ssh-add FILE; or set keyFile",
  };
}

/** What is wrong with the file of a private key, as ssh without a terminal and Pulumi see it. */
export async function keyProblem(file: string): Promise<Judgement | undefined> {
  const id = "ssh-key";
  const problem = (what: string, why: string, fix: string): Judgement => ({ id, level: "problem", what, why, fix });
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat)
    return problem(
      `the private key ${file} does not exist`,
      "required for SSH login",
      "set keyFile to an existing private key",
    );
  if (isPublic((await attempt("head", ["-c", "200", file])) ?? "")) {
    const fix = `name the private one, often ${file.replace(/\.pub$/, "")}`;
    return problem(`${file} is a public key`, "SSH login needs the private key", fix);
  }
  const mode = stat.mode & 0o777;
  if (stat.uid === process.getuid?.() && (mode & 0o077) !== 0) {
    const what = `the private key ${file} has mode ${mode.toString(8).padStart(4, "0")}`;
    return problem(what, "ssh takes no key that others may read", `chmod 600 ${file}`);
  }
  const said = await run("ssh-keygen", ["-y", "-P", "", "-f", file], { timeoutMs: 5_000 }).then(
    () => "",
    (error) => errorTail(error, 1),
  );
  if (said === "") return undefined;
  if (/incorrect passphrase/.test(said)) {
    const fix = `load it into an ssh agent and leave keyFile out: ssh-add ${file}; or make one without: ssh-keygen -t ed25519 -N '' -f ${file}-dockernet`;
    return problem(`the private key ${file} is protected by a passphrase`, "scripts run without a terminal", fix);
  }
  return problem(
    `${file} is not a private key that ssh can read: ${said}`,
    "required for SSH login",
    "set keyFile to a private key",
  );
}

/** `label` says which of the hosts on the way it is. */
function noServer(
  host: Pick<HostAccess, "address" | "port" | "slowness">,
  label: string,
  banner: SshBanner,
): Judgement {
  const at = `${label}${host.address}:${host.port}`;
  const sec = bannerSec(host);
  const [what, fix] = {
    unreachable: [`${at}: no route to host`, `ip route get ${host.address}`],
    silent: [`${at}: connection timed out after ${sec} s`, "start the host, or open the port in its firewall"],
    refused: [`${at}: connection refused`, "start its SSH server: systemctl start ssh; or set the port it listens on"],
    mute: [`${at}: connected, but no SSH banner within ${sec} s`, "restart its SSH server: systemctl restart ssh"],
    closed: [`${at}: connection closed without an SSH banner`, "see why in its log: journalctl -u ssh"],
    banner: [
      `${at} is not an SSH server: it sent ${JSON.stringify("line" in banner ? banner.line.slice(0, 40) : "")}`,
      "set the port of its SSH server",
    ],
  }[banner.kind] as [string, string];
  return { id: "ssh", level: "problem", what, why: "all scripts run over SSH", fix };
}

/** Why ssh or sudo did not run a script, by their own words. */
async function refusal(access: HostAccess, said: string, label = ""): Promise<Judgement> {
  const { address, user, keyFile, port, jump } = access;
  const through = jump ? `-o ProxyJump=${jump.user}@${jump.address}:${jump.port} ` : "";
  const problem = (id: string, what: string, why: string, fix: string): Judgement => ({
    id,
    level: "problem",
    what: `${label}${what}`,
    why,
    fix,
  });
  if (/Host key verification failed|no matching host key type/i.test(said)) return wrongHostKey(access, label);
  if (/Permission denied|Too many authentication failures/i.test(said)) {
    const [key, option] =
      keyFile === undefined ? ["every key of the ssh agent", ""] : [`the key ${keyFile}`, `-i ${keyFile} `];
    const fix = `ssh-copy-id ${option}${through}-p ${port} ${user}@${address}`;
    return problem("ssh-key", `${user}@${address} rejects ${key}`, "required for SSH login", fix);
  }
  if (/sudo: .*(password|askpass|terminal)/i.test(said)) {
    const fix = `echo '${user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/${user}`;
    return problem("sudo", `sudo asks ${user} for a password`, "scripts run without a terminal", fix);
  }
  if (/sudo.*not found/i.test(said)) {
    return problem(
      "sudo",
      "sudo is not installed",
      "the settings have sudo: true",
      `apt-get install sudo, or log in as root`,
    );
  }
  if (/sudo|sudoers/i.test(said))
    return problem("sudo", `sudo refuses ${user}: ${said}`, "the labs need root", "see sudoers(5)");
  if (/^the login shell of/.test(said)) {
    const fix = "take the exit out of ~/.bashrc or the like there, or the forced command out of ~/.ssh/authorized_keys";
    return problem("login-shell", said, "all scripts run by commands over SSH", fix);
  }
  const late = /was not done in (\d+) ms/.exec(said)?.[1];
  if (late !== undefined) {
    return problem(
      "ssh",
      `${user}@${address} did not answer within ${Number(late) / 1_000} s`,
      "it is busy or slow, or something in its login waits",
      "see what keeps it busy there (uptime); for a slow host set slowness in dockernet:hosts",
    );
  }
  return problem(
    "ssh",
    `SSH login as ${user}@${address} failed: ${said}`,
    "all scripts run over SSH",
    `ssh -v ${through}-p ${port} ${user}@${address}`,
  );
}

/** The fingerprint of a public key, as `ssh-keygen -l` shows it. */
export const fingerprint = (key: string): string =>
  `SHA256:${createHash("sha256")
    .update(Buffer.from(key.split(/\s+/)[1] ?? "", "base64"))
    .digest("base64")
    .replace(/=+$/, "")}`;

async function wrongHostKey(access: HostAccess, label: string): Promise<Judgement> {
  const { address, hostKey } = access;
  const id = "host-key";
  const shown = await (access.jump ? shownToSsh(access) : shownToScan(access));
  if (shown === undefined) {
    const [what, fix] = [
      `${label}${address} has no ed25519 host key`,
      "create one there: ssh-keygen -A, then systemctl restart ssh",
    ];
    return { id, level: "problem", what, why: "no other kind of host key can be pinned", fix };
  }
  const what = `${label}${address} shows the host key ${shown.fingerprint}, and the settings have ${fingerprint(hostKey)}`;
  const why = "the host was replaced or reinstalled, or the connection is intercepted";
  const fix = `compare it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then set ${label === "" ? "" : "jump."}hostKey: ${shown.key}`;
  return { id, level: "problem", what, why, fix };
}

/** A host key as a host shows it: its fingerprint, and what to set. */
interface Shown {
  readonly fingerprint: string;
  readonly key: string;
}

async function shownToScan(access: HostAccess): Promise<Shown | undefined> {
  const { address, port } = access;
  const sec = Math.ceil(bannerSec(access));
  const scan = ["-T", String(sec), "-t", "ed25519", "-p", String(port), address];
  const printed = (await attempt("ssh-keyscan", scan, { timeoutMs: 2 * sec * 1_000 })) ?? "";
  const key = printed
    .split("\n")
    .map((line) => /ssh-ed25519 \S+/.exec(line)?.[0])
    .find(Boolean);
  return key === undefined ? undefined : { fingerprint: fingerprint(key), key };
}

/** ssh-keyscan(1) knows no jump host. What ssh tells when it is asked to has the fingerprint only. */
async function shownToSsh(access: HostAccess): Promise<Shown | undefined> {
  const said = await askOverSsh(access, "true", { timeoutMs: LOOK_MS * (access.slowness ?? 1) }, [
    "-v",
    ...ownOptions(access),
  ]).then(
    () => "",
    (error) => String(error.stderr ?? ""),
  );
  const found = /Server host key: ssh-ed25519 (SHA256:\S+)/.exec(said)?.[1];
  return found === undefined
    ? undefined
    : { fingerprint: found, key: "the first two words of /etc/ssh/ssh_host_ed25519_key.pub there" };
}
