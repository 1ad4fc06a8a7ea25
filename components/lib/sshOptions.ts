import { createHash } from "node:crypto";
import { quote } from "./quote.ts";

/** An SSH destination. */
export interface SshTarget {
  readonly address: string;
  /** `ssh-ed25519 AAAA…`; further words are a comment. */
  readonly hostKey: string;
  /** Path of the private key's file; if undefined, the SSH agent at SSH_AUTH_SOCK is used. */
  readonly keyFile?: string | undefined;
  /** Jump host; if undefined, the connection is direct. */
  readonly jump?: SshJump | undefined;
  /** Factor for the time until its banner; if undefined, 1. */
  readonly slowness?: number | undefined;
}

/** A jump host as an SSH destination. */
export type SshJump = Omit<SshTarget, "jump"> & { readonly user: string; readonly port: number };

/** A jump host without the fields that only the provider uses. */
export function withoutKey<T extends { readonly privateKey?: unknown }>(jump: T): Omit<T, "privateKey"> {
  const { privateKey: _, ...rest } = jump;
  return rest;
}

/** Time to keep an idle connection for reuse, in seconds. */
export const KEPT_SEC = 10;

/** Arguments of ssh: no prompts, only the pinned host key is trusted, and one connection is shared by many requests. */
export function sshOptions(target: SshTarget): string[] {
  const { address, keyFile, jump } = target;
  const seed = [address, keyOf(target), keyFile ?? "", ...(jump ? login(jump) : [])].join(" ");
  // The socket's name depends on the host key, so that a recreated host at the same address gets a new connection. It is
  // in the home folder, where other users cannot replace it, and short: a socket path has at most 107 bytes (unix(7)).
  const socket = `~/.dockernet-${createHash("sha256").update(seed).digest("hex").slice(0, 12)}`;
  return [
    ...pinnedOptions(target),
    ...options({ ControlMaster: "auto", ControlPath: `${socket}-%r`, ControlPersist: String(KEPT_SEC) }),
    ...(jump ? options({ ProxyCommand: proxyCommand(jump) }) : []),
  ];
}

/** The command that forwards its input and output to `to`, HOST:PORT, through a jump host (`ssh -W`, ssh(1)). */
export const jumpCommand = (jump: SshJump, to: string): string[] => ["ssh", "-W", to, ...login(jump)];

/**
 * The same as a ProxyCommand (ssh_config(5)), whose tokens stand for host and port. ssh runs it in the user's own
 * shell; all shells parse words in single quotes alike.
 */
const proxyCommand = (jump: SshJump): string =>
  ["ssh", "-W", "[%h]:%p", ...login(jump).map((word) => word.replaceAll("%", "%%"))].map(quote).join(" ");

const login = (jump: SshJump): string[] => [
  ...pinnedOptions(jump),
  ...["-l", jump.user, "-p", String(jump.port), "--", jump.address],
];

/** Options for one host: only its host key and the user's key. */
const pinnedOptions = (target: SshTarget): string[] => [
  "-F",
  "/dev/null",
  ...identity(target.keyFile),
  ...options({
    BatchMode: "yes",
    IdentitiesOnly: target.keyFile === undefined ? "no" : "yes",
    // Covers everything until the host's SSH banner, including the login at a jump host.
    ConnectTimeout: String(Math.ceil((target.jump ? 10 : 5) * (target.slowness ?? 1))),
    ServerAliveInterval: "5",
    ServerAliveCountMax: "2",
    StrictHostKeyChecking: "yes",
    HostKeyAlgorithms: "ssh-ed25519",
    UserKnownHostsFile: "/dev/null",
    GlobalKnownHostsFile: "/dev/null",
    KnownHostsCommand: `/usr/bin/env echo %H ${keyOf(target)}`,
  }),
];

const keyOf = ({ hostKey }: Pick<SshTarget, "hostKey">): string => hostKey.split(/\s+/).slice(0, 2).join(" ");

const options = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([key, value]) => ["-o", `${key}=${value}`]);

/**
 * ssh expands tokens in the path of a key (TOKENS in ssh_config(5)), for `-i` only after it looked for the file.
 * Without a path it must not try the user's default key files, only the agent.
 */
const identity = (keyFile: string | undefined): string[] => {
  if (keyFile === undefined) return ["-o", "IdentityFile=none"];
  return keyFile.includes("%")
    ? ["-o", `IdentityFile="${keyFile.replaceAll("%", "%%").replaceAll(/["\\]/g, "\\$&")}"`]
    : ["-i", keyFile];
};
