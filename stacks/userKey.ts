import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { relative } from "node:path";
import { inHome, pathOf, type SshConfig } from "./sshConfig.ts";

/** How a user authenticates: with a private key and its file, or, if undefined, with the ssh agent at SSH_AUTH_SOCK. */
export interface UserKey {
  readonly keyFile?: string;
  readonly privateKey?: string;
}

/** Time limit for the ssh agent's answer, in milliseconds. */
const AGENT_MS = 5_000;

/** The key in a file that the settings name. Throws if ssh could not use it without a terminal. */
export function keyOfFile(file: string): UserKey {
  return keyAt(inHome(file));
}

function keyAt(path: string): UserKey {
  const key = read(path);
  if (isPublic(key)) {
    throw new Error(`keyFile: ${path} is a public key; expected the private one, often ${path.replace(/\.pub$/, "")}`);
  }
  if (isLocked(key)) {
    throw new Error(
      `keyFile: ${path} is protected by a passphrase, and Pulumi has no terminal to ask for it; load it into an ssh agent (ssh-add ${path}) and leave keyFile out, or use a key without one`,
    );
  }
  const mode = statSync(path).mode & 0o777;
  // ssh ignores such a file, and then reports only that the login failed.
  if ((mode & 0o077) !== 0) {
    throw new Error(
      `keyFile: ${path} is open to others (mode 0${mode.toString(8)}), and ssh wants it closed: chmod 600 ${path}`,
    );
  }
  return { keyFile: inProject(path), privateKey: key };
}

/**
 * The key of a host in its ssh_config(5): the first IdentityFile that exists, is private and has no passphrase; if
 * those that exist are all public or encrypted, the ssh agent's key. Undefined if none exists.
 */
export function configuredKey(config: SshConfig, who: string): UserKey | undefined {
  const files = filesOf(config).filter((file) => existsSync(file));
  const usable = files.find((file) => {
    const key = read(file);
    return !isPublic(key) && !isLocked(key);
  });
  if (usable !== undefined) return keyAt(usable);
  return files.length > 0 ? keyOfAgent(who, config) : undefined;
}

/** The ssh agent's key. Throws if there is no agent at SSH_AUTH_SOCK, or it holds no key. */
export function keyOfAgent(who: string, config?: SshConfig): UserKey {
  const [socket = "SSH_AUTH_SOCK"] = config?.identityagent ?? [];
  if (socket !== "SSH_AUTH_SOCK") {
    throw new Error(
      `sshConfig: ${who} has IdentityAgent ${socket}, and only the ssh agent at SSH_AUTH_SOCK is asked; leave IdentityAgent out and set SSH_AUTH_SOCK, or set keyFile`,
    );
  }
  const missing = agentProblem();
  if (missing === undefined) return {};
  if (config === undefined) {
    throw new Error(
      `keyFile: expected the path of a private key, or one in the ssh agent (ssh-add FILE); ssh-add -l: ${missing}`,
    );
  }
  throw new Error(
    `keyFile: expected the path of a private key, or one in the ssh agent (ssh-add FILE); ssh-add -l: ${missing}; sshConfig has none without a passphrase for ${who}: ${filesOf(config).join(", ")}`,
  );
}

/** Why the ssh agent cannot be used, as printed by ssh-add(1); undefined if it holds a key. */
export function agentProblem(): string | undefined {
  const { status, stdout, stderr, error } = spawnSync("ssh-add", ["-l"], { encoding: "utf8", timeout: AGENT_MS });
  if (status === 0) return undefined;
  const said = error?.message ?? (stderr.trim() || stdout.trim());
  return said.replace(/\.$/, "");
}

/** Key file of a host that is gone; not read. The file in the settings, else the first existing one of sshConfig. */
export function keyFileOf(file: string | undefined, config: SshConfig = {}): string | undefined {
  const path = file === undefined ? filesOf(config).find((each) => existsSync(each)) : inHome(file);
  return path === undefined ? undefined : inProject(path);
}

const filesOf = (config: SshConfig): string[] => (config.identityfile ?? []).map((file) => pathOf(config, file));

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`keyFile: ${(error as Error).message}`);
  }
}

/** Whether the text of a key is that of a public key. */
export const isPublic = (key: string): boolean => /^(ssh-|ecdsa-|sk-|-----BEGIN PUBLIC KEY)/.test(key);

/** Whether a private key is encrypted: OpenSSH's format names the cipher first (PROTOCOL.key), PEM has a header. */
function isLocked(key: string): boolean {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)/.exec(key)?.[1];
  if (body === undefined) return /^Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED PRIVATE KEY/m.test(key);
  return !Buffer.from(body, "base64").toString("latin1").startsWith("openssh-key-v1\0\0\0\0\x04none");
}

/** Makes a path in the project's folder, where Pulumi runs the program, relative: another clone may use the state. */
function inProject(path: string): string {
  const from = relative(".", path);
  return from.startsWith("..") ? path : from;
}
