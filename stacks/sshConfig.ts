import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";

/** The values of each keyword of ssh_config(5), in small letters. */
export type SshConfig = Readonly<Partial<Record<string, readonly string[]>>>;

/** A jump host as `ProxyJump` names it. */
export interface NamedJump {
  readonly name: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

const DEFAULT_PORT = 22;
/** Ways to a host that the command provider does not know: it dials an address, straight or through one jump host. */
const WAYS = ["ProxyCommand", "BindAddress", "BindInterface"] as const;
/** Keys that the command provider does not take: it has a private key, or asks an ssh agent. */
const KEYS = ["CertificateFile", "PKCS11Provider"] as const;

/** What ssh makes of a configuration file for a host. ssh knows the format best. */
export function readSshConfig(file: string, name: string): SshConfig {
  try {
    readFileSync(file);
    const printed = execFileSync("ssh", ["-G", "-F", file, "--", name], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    const config: Record<string, string[]> = {};
    for (const [, keyword = "", value = ""] of printed.matchAll(/^(\S+) (.*)$/gm)) {
      config[keyword] = [...(config[keyword] ?? []), value];
    }
    return config;
  } catch (error) {
    throw new Error(`sshConfig: ${(error as Error).message.split("\n").slice(0, 2).join(" ")}`);
  }
}

/** Refuses what Pulumi's command provider cannot do, by its name. `who` is the host, for the message. */
export function refuseUnsupported(config: SshConfig, who: string): void {
  for (const keyword of WAYS) {
    const value = settingOf(config, keyword);
    if (value !== undefined) {
      throw new Error(
        `sshConfig: ${who} is reached by ${keyword} ${value}, which Pulumi cannot do; expected a HostName that this host or one ProxyJump reaches`,
      );
    }
  }
  for (const keyword of KEYS) {
    const value = settingOf(config, keyword);
    if (value !== undefined) {
      throw new Error(
        `sshConfig: ${who} has ${keyword} ${value}, which Pulumi cannot read; expected an IdentityFile, or an ssh agent that holds the key`,
      );
    }
  }
}

/** The jump host of a host, if it has one; a chain of them is refused, since the command provider knows one. */
export function namedJump(config: SshConfig, host: string): NamedJump | undefined {
  const value = settingOf(config, "ProxyJump");
  if (value === undefined) return undefined;
  if (value.includes(",")) throw chain(host, value);
  const [, user, bracketed, plain, port] = /^(?:(.+)@)?(?:\[(.+)\]|([^[\]]+?))(?::(\d+))?$/.exec(value) ?? [];
  return { name: bracketed ?? plain ?? value, user, port: port === undefined ? undefined : Number(port) };
}

/** The configuration of a jump host, from the same file; one that is reached by another jump host is refused. */
export function readJumpConfig(file: string, jump: NamedJump, host: string): SshConfig {
  const config = readSshConfig(file, jump.name);
  const next = settingOf(config, "ProxyJump");
  if (next !== undefined) throw chain(host, `${jump.name}, and that one by ${next}`);
  refuseUnsupported(config, `${jump.name}, the jump host of ${host},`);
  return config;
}

const chain = (host: string, value: string) =>
  new Error(
    `sshConfig: ${host} is reached by ProxyJump ${value}, a chain of jump hosts, and Pulumi can use one; expected a single host`,
  );

/**
 * The ed25519 key of a host in the known_hosts files that its configuration names. Like ssh, it looks for HostKeyAlias,
 * else for the address with its port, and takes no key that is revoked. Throws when there is not exactly one.
 */
export function knownHostKey(config: SshConfig, address: string, port: number): string {
  const name = config.hostkeyalias?.[0] ?? (port === DEFAULT_PORT ? address : `[${address}]:${port}`);
  const lines = [config.userknownhostsfile, config.globalknownhostsfile]
    .flatMap((lists = []) => lists.flatMap((list) => filesIn(config, list)))
    .flatMap((file) => spawnSync("ssh-keygen", ["-F", name, "-f", file], { encoding: "utf8" }).stdout.split("\n"));
  const keysOf = (line: RegExp) => lines.flatMap((each) => line.exec(each)?.[1] ?? []);
  const revoked = keysOf(/^@revoked \S+ (ssh-ed25519 \S+)/);
  const keys = [...new Set(keysOf(/^[^@#]\S* (ssh-ed25519 \S+)/))].filter((key) => !revoked.includes(key));
  if (keys.length === 1 && keys[0] !== undefined) return keys[0];
  throw new Error(
    `jump.hostKey: expected one ed25519 host key of ${name} in the known_hosts files of sshConfig, got ${keys.length}; set jump.hostKey to what ssh-keyscan -t ed25519 -p ${port} ${address} shows, once you have compared it on that host: cat /etc/ssh/ssh_host_ed25519_key.pub`,
  );
}

/** The files of a list as `ssh -G` prints it, with spaces between them: any run of words that is the path of a file. */
function filesIn(config: SshConfig, list: string): string[] {
  const words = list.split(" ");
  const runs = words.flatMap((_, from) => words.slice(from).map((_, more) => words.slice(from, from + more + 1)));
  return runs.map((run) => pathOf(config, run.join(" "))).filter((file) => existsSync(file));
}

function settingOf(config: SshConfig, keyword: string): string | undefined {
  const [value = "none"] = config[keyword.toLowerCase()] ?? [];
  return value === "none" ? undefined : value;
}

/** A path in a configuration: tokens in it are those of ssh_config(5). */
export function pathOf(config: SshConfig, path: string): string {
  const { hostname: h, host: n, port: p, user: r } = config;
  const tokens: SshConfig = { "%": ["%"], d: [homedir()], h, n, p, r };
  return inHome(path.replaceAll(/%(.)/g, (token, letter) => tokens[letter]?.[0] ?? token));
}

/** A path as ssh reads it: `~` is the home folder. */
export const inHome = (path: string): string => resolve(path.replace(/^~(?=\/)/, homedir()).replaceAll('"', ""));
