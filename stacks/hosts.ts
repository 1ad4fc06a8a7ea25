import type * as pulumi from "@pulumi/pulumi";
import type { JumpHost } from "../components/host-script/HostScript.ts";
import { withoutKey } from "../components/lib/sshOptions.ts";
import type { HostAccess } from "./checks.ts";
import type { HostSettings } from "./fields.ts";
import {
  inHome,
  knownHostKey,
  namedJump,
  readJumpConfig,
  readSshConfig,
  refuseUnsupported,
  type SshConfig,
} from "./sshConfig.ts";
import { configuredKey, keyFileOf, keyOfAgent, keyOfFile, type UserKey } from "./userKey.ts";

/** A host of the user's, with all that it takes to get in. */
export interface OwnHost {
  readonly name: string;
  /** The address at which the other hosts reach it. */
  readonly address: string;
  /** How this host gets in; the address may be another one, as with a port that a virtual machine forwards. */
  readonly ssh: {
    readonly address: string;
    readonly user: string;
    readonly port: number;
    /** Without one the ssh agent has the key. */
    readonly keyFile?: string;
  };
  readonly hostKey: string;
  /** Without one the ssh agent has the key. */
  readonly privateKey?: string;
  /** The jump host through which it is reached. */
  readonly jump?: OwnJump;
  readonly sudo: boolean;
  readonly slowness: number;
  readonly gone: boolean;
}

/** A jump host whose values are all known. */
export type OwnJump = pulumi.Unwrap<JumpHost>;

/** Fills in a host's settings from its ssh_config(5) and reads its key; throws what is wrong in a sentence. */
export function ownHost(settings: HostSettings): OwnHost {
  const { name, address, hostKey, sudo, slowness, gone } = settings;
  const own = { name, address, hostKey, sudo, slowness, gone };
  const config = settings.sshConfig === undefined ? undefined : readSshConfig(inHome(settings.sshConfig), name);
  refuseUnsupported(config ?? {}, name);
  const ssh = {
    address: config?.hostname?.[0] ?? address,
    user: settings.user ?? config?.user?.[0] ?? "root",
    port: settings.port ?? Number(config?.port?.[0] ?? 22),
  };
  if (gone) {
    const keyFile = keyFileOf(settings.keyFile, config);
    return { ...own, ssh: { ...ssh, ...(keyFile && { keyFile }) }, privateKey: "" };
  }
  const key = userKey(settings.keyFile, config, name);
  const { keyFile, privateKey } = key;
  const jump = jumpHost(settings, config, key);
  return {
    ...own,
    ssh: { ...ssh, ...(keyFile !== undefined && { keyFile }) },
    ...(privateKey !== undefined && { privateKey }),
    ...(jump && { jump }),
  };
}

/** How the lab command gets into it. */
export const accessToOwn = ({ ssh, hostKey, jump, sudo, slowness }: OwnHost): HostAccess => ({
  ...ssh,
  hostKey,
  ...(jump && { jump: withoutKey(jump) }),
  sudo,
  ...(slowness !== 1 && { slowness }),
});

/** The key of the settings, else that of sshConfig, else the ssh agent's. */
const userKey = (file: string | undefined, config: SshConfig | undefined, who: string): UserKey =>
  file !== undefined ? keyOfFile(file) : ((config && configuredKey(config, who)) ?? keyOfAgent(who, config));

/** The jump host of the settings, with what they leave out from the ProxyJump of sshConfig; its key is `fallback` without one. */
function jumpHost(
  { name: host, jump, sshConfig = "" }: HostSettings,
  config: SshConfig | undefined,
  fallback: UserKey,
): OwnJump | undefined {
  const named = jump?.address === undefined && config ? namedJump(config, host) : undefined;
  if (!jump && !named) return undefined;
  const own = named && readJumpConfig(inHome(sshConfig), named, host);
  const address = jump?.address ?? own?.hostname?.[0];
  if (address === undefined) {
    throw new Error(`jump.address: expected an address or name, or an sshConfig that has a ProxyJump for ${host}`);
  }
  const port = jump?.port ?? named?.port ?? Number(own?.port?.[0] ?? 22);
  const hostKey = jump?.hostKey ?? (own && knownHostKey(own, address, port));
  if (hostKey === undefined) {
    throw new Error("jump.hostKey: expected the jump host's ed25519 host key, as ssh-keyscan -t ed25519 shows it");
  }
  const user = jump?.user ?? named?.user ?? own?.user?.[0] ?? "root";
  return { address, user, port, hostKey, ...jumpKey(jump?.keyFile, own, `jump host ${address}`, fallback) };
}

function jumpKey(file: string | undefined, config: SshConfig | undefined, who: string, fallback: UserKey): UserKey {
  try {
    return file !== undefined ? keyOfFile(file) : ((config && configuredKey(config, who)) ?? fallback);
  } catch (error) {
    const { message } = error as Error;
    throw message.startsWith("keyFile:") ? new Error(`jump.${message}`) : error;
  }
}
