import { createHash } from "node:crypto";
import { quote } from "./quote.ts";

/** A host as ssh reaches it. */
export interface SshTarget {
  readonly address: string;
  /** `ssh-ed25519 AAAA…`; what follows is a comment. */
  readonly hostKey: string;
  /** Path of the private key's file; without one the ssh agent at SSH_AUTH_SOCK is asked. */
  readonly keyFile?: string | undefined;
  /** The host through which it is reached; without one it is reached straight. */
  readonly jump?: SshJump | undefined;
}

/** A jump host as ssh reaches it. */
export type SshJump = Omit<SshTarget, "jump"> & { readonly user: string; readonly port: number };

/** A jump host without what only the provider takes. */
export function withoutKey<T extends { readonly privateKey?: unknown }>(jump: T): Omit<T, "privateKey"> {
  const { privateKey: _, ...rest } = jump;
  return rest;
}

/** Time that an idle connection is kept for the next request, in seconds. */
export const KEPT_SEC = 10;

/** Arguments of ssh: nothing asked, nothing trusted but the pinned key, and one connection for many requests. */
export function sshOptions(target: SshTarget): string[] {
  const { address, keyFile, jump } = target;
  const seed = [address, keyOf(target), keyFile ?? "", ...(jump ? login(jump) : [])].join(" ");
  // The socket's name goes with the key: a host made anew is never taken for the one before it at its address. It is
  // in the home folder, where nobody else can put one in its place, and short: a socket's path has 107 bytes (unix(7)).
  const socket = `~/.dockernet-${createHash("sha256").update(seed).digest("hex").slice(0, 12)}`;
  return [
    ...pinnedOptions(target),
    ...options({ ControlMaster: "auto", ControlPath: `${socket}-%r`, ControlPersist: String(KEPT_SEC) }),
    ...(jump ? options({ ProxyCommand: proxyCommand(jump) }) : []),
  ];
}

/** The command that connects its input and output with a host and port through a jump host (`ssh -W`, ssh(1)). */
export const jumpCommand = (jump: SshJump, to: string): string[] => ["ssh", "-W", to, ...login(jump)];

/**
 * The same as a ProxyCommand of ssh_config(5), whose tokens name the host and port. ssh hands it to the user's own shell:
 * words in single quotes are read alike by all of them.
 */
const proxyCommand = (jump: SshJump): string =>
  ["ssh", "-W", "[%h]:%p", ...login(jump).map((word) => word.replaceAll("%", "%%"))].map(quote).join(" ");

const login = (jump: SshJump): string[] => [
  ...pinnedOptions(jump),
  ...["-l", jump.user, "-p", String(jump.port), "--", jump.address],
];

/** Options for one host: its key and no other, and the user's key. */
const pinnedOptions = (target: SshTarget): string[] => [
  "-F",
  "/dev/null",
  ...identity(target.keyFile),
  ...options({
    BatchMode: "yes",
    IdentitiesOnly: target.keyFile === undefined ? "no" : "yes",
    // It covers all until the host greets, and so the login at a jump host.
    ConnectTimeout: target.jump ? "10" : "5",
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
 * ssh reads the path of a key as a pattern (TOKENS in ssh_config(5)), for `-i` only after it looked for the file. Without a
 * path it must not try the user's own files, which are not the agent's.
 */
const identity = (keyFile: string | undefined): string[] => {
  if (keyFile === undefined) return ["-o", "IdentityFile=none"];
  return keyFile.includes("%")
    ? ["-o", `IdentityFile="${keyFile.replaceAll("%", "%%").replaceAll(/["\\]/g, "\\$&")}"`]
    : ["-i", keyFile];
};
