import type * as pulumi from "@pulumi/pulumi";
import type { SshHost } from "../host-script/HostScript.ts";
import { gated } from "../lib/gated.ts";
import type { SshKey } from "../ssh-key/SshKey.ts";

/** Access data of a practice node. */
interface Node {
  readonly hostname: string;
  readonly address: pulumi.Input<string>;
  readonly userKey: SshKey;
  readonly hostKey: SshKey;
  /** Known once sshd and the node's engine answer. */
  readonly ready: pulumi.Output<unknown>;
}

/**
 * A practice node as a host, with the user root, and with the user `lab`, who has sudo. `own` adds fields for its kind.
 */
export function nodeHosts(
  { hostname, address, userKey, hostKey, ready }: Node,
  own: Partial<SshHost>,
): { readonly host: SshHost; readonly userHost: SshHost } {
  const host = (user: string): SshHost => ({
    kind: "ssh",
    name: hostname,
    connection: {
      host: gated(address, ready),
      user,
      privateKey: userKey.privateKey,
      hostKey: hostKey.publicKey,
    },
    keyFile: userKey.file,
    ...own,
  });
  return { host: host("root"), userHost: { ...host("lab"), sudo: true } };
}
