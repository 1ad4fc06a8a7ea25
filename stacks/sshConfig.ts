import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";

/** Values of each keyword of ssh_config(5), in lower case. */
export type SshConfig = Readonly<Partial<Record<string, readonly string[]>>>;

/** A jump host as written in `ProxyJump`. */
export interface NamedJump {
  readonly name: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

const DEFAULT_PORT = 22;
/** Keywords that the command provider does not support: it dials an address, directly or through one jump host. */
const WAYS = ["ProxyCommand", "BindAddress", "BindInterface"] as const;
/** Keys that the command provider does not support: it takes a private key, or asks an ssh agent. */
const KEYS = ["CertificateFile", "PKCS11Provider"] as const;

/** Reads a host's configuration from a file, through `ssh -G`: ssh knows the format best. */
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

/** Throws for a keyword that Pulumi's command provider does not support. `who` is the host, for the message. */
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

/** The jump host of a host, if it has one. Throws for a chain of jump hosts: the command provider supports one. */
export function namedJump(config: SshConfig, host: string): NamedJump | undefined {
  const value = settingOf(config, "ProxyJump");
  if (value === undefined) return undefined;
  if (value.includes(",")) throw chain(host, value);
  const [, user, bracketed, plain, port] = /^(?:(.+)@)?(?:\[(.+)\]|([^[\]]+?))(?::(\d+))?$/.exec(value) ?? [];
  return { name: bracketed ?? plain ?? value, user, port: port === undefined ? undefined : Number(port) };
}

/** Reads the configuration of a jump host from the same file. Throws if it is reached through another jump host. */
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
 * The ed25519 key of a host from the known_hosts files in its configuration. Like ssh, looks up HostKeyAlias, else the
 * address with its port, and ignores revoked keys. Throws unless there is exactly one.
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

/**
 * Existing files of a list that `ssh -G` prints with spaces between them. Paths may contain spaces, so every run of
 * words is tried.
 */
function filesIn(config: SshConfig, list: string): string[] {
  const words = list.split(" ");
  const runs = words.flatMap((_, from) => words.slice(from).map((_, more) => words.slice(from, from + more + 1)));
  return runs.map((run) => pathOf(config, run.join(" "))).filter((file) => existsSync(file));
}

function settingOf(config: SshConfig, keyword: string): string | undefined {
  const [value = "none"] = config[keyword.toLowerCase()] ?? [];
  return value === "none" ? undefined : value;
}

/** Expands a path in a configuration, with the tokens of ssh_config(5). */
export function pathOf(config: SshConfig, path: string): string {
  const { hostname: h, host: n, port: p, user: r } = config;
  const tokens: SshConfig = { "%": ["%"], d: [homedir()], h, n, p, r };
  return inHome(path.replaceAll(/%(.)/g, (token, letter) => tokens[letter]?.[0] ?? token));
}

/** Resolves a path as ssh does: `~` is the home folder. */
export const inHome = (path: string): string => resolve(path.replace(/^~(?=\/)/, homedir()).replaceAll('"', ""));
