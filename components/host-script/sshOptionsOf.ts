import * as pulumi from "@pulumi/pulumi";
import { sshOptions, withoutKey } from "../lib/sshOptions.ts";
import type { SshHost } from "./HostScript.ts";

/** Arguments of ssh for a host (see {@link sshOptions}), without private keys. */
export function sshOptionsOf({ connection, keyFile, jump, slowness }: SshHost): pulumi.Output<string[]> {
  const { host: address, hostKey } = connection;
  return pulumi.output({ address, hostKey, keyFile, jump: jump && withoutKey(jump), slowness }).apply(sshOptions);
}
