import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { HostSettings } from "./schema.ts";

/** A machine of the user's, with all that it takes to get in. */
export interface OwnHost {
  readonly name: string;
  /** The address at which the other machines reach it. */
  readonly address: string;
  /** How this machine gets in; the address may be another one, as with a port that a virtual machine forwards. */
  readonly ssh: { readonly address: string; readonly user: string; readonly port: number; readonly keyFile: string };
  readonly hostKey: string;
  readonly privateKey: string;
  readonly sudo: boolean;
  readonly gone: boolean;
}

/** Fills in a machine's settings from its ssh_config(5) and reads its key; throws what is wrong in a sentence. */
export function ownHost(settings: HostSettings): OwnHost {
  const { name, address, hostKey, sudo, gone } = settings;
  const configured = settings.sshConfig === undefined ? undefined : sshConfig(inHome(settings.sshConfig), name);
  const keyFile = settings.keyFile ?? configured?.identityfile;
  if (keyFile === undefined) throw new Error("keyFile: expected the path of a private key");
  const path = inHome(keyFile);
  const ssh = {
    address: configured?.hostname ?? address,
    user: settings.user ?? configured?.user ?? "root",
    port: settings.port ?? Number(configured?.port ?? 22),
    keyFile: path,
  };
  return { name, address, ssh, hostKey, privateKey: gone ? "" : readKey(path), sudo, gone };
}

function readKey(path: string): string {
  const key = read(path);
  const mode = statSync(path).mode & 0o777;
  // ssh ignores such a file, and then says only that it was not let in.
  if ((mode & 0o077) !== 0) {
    throw new Error(
      `keyFile: ${path} is open to others (mode 0${mode.toString(8)}), and ssh wants it closed: chmod 600 ${path}`,
    );
  }
  if (isLocked(key)) {
    throw new Error(
      `keyFile: ${path} is protected by a passphrase, and there is nobody to type it; use a key without one`,
    );
  }
  return key;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`keyFile: ${(error as Error).message}`);
  }
}

/** Whether a private key is encrypted: in OpenSSH's format the name of its cipher comes first (PROTOCOL.key), in PEM a header says so. */
function isLocked(key: string): boolean {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)/.exec(key)?.[1];
  if (body === undefined) return /^Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED PRIVATE KEY/m.test(key);
  return !Buffer.from(body, "base64").toString("latin1").startsWith("openssh-key-v1\0\0\0\0\x04none");
}

/** What ssh makes of a configuration file for a host: the first value of each keyword. ssh knows the format best. */
function sshConfig(file: string, name: string): Partial<Record<string, string>> {
  try {
    readFileSync(file);
    const printed = execFileSync("ssh", ["-G", "-F", file, name], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    const entries = printed.split("\n").map((line) => /^(\S+) (.*)$/.exec(line)?.slice(1) ?? []);
    return Object.fromEntries(entries.reverse());
  } catch (error) {
    throw new Error(`sshConfig: ${(error as Error).message.split("\n").slice(0, 2).join(" ")}`);
  }
}

const inHome = (path: string): string => resolve(path.replace(/^~(?=\/)/, homedir()).replaceAll('"', ""));
