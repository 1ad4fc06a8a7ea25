import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { SshHost } from "./host-script/HostScript.ts";
import { sshOptionsOf } from "./host-script/sshOptionsOf.ts";
import { childOptions, componentOptions } from "./lib/childOptions.ts";

export interface RemoteEngineArgs {
  /**
   * The host, with the file of its private key unless the SSH agent has the key. Its user must have access to the
   * engine: root, or a member of the group docker.
   */
  readonly host: SshHost;
  /**
   * The host's address, if it is known before the connection's address is. If it changes, everything on the engine is
   * deleted from the old host and created on the new one. For a host with `resource`, that resource decides instead.
   * @default - the address of the connection
   */
  readonly address?: pulumi.Input<string>;
}

/**
 * The Docker engine of another host, reached over SSH with a pinned host key (dockerd(8), `ssh://`). The host needs the
 * `docker` command, this host OpenSSH 8.5 or newer. The settings of the user's own SSH client are ignored.
 *
 * @example
 * ```ts
 * import { BridgeNetwork, RemoteEngine } from "dockernet";
 *
 * const connection = { host: "10.0.0.11", hostKey: "ssh-ed25519 AAAA…" }; // user root, and the SSH agent's key
 * const engine = new RemoteEngine("node1", { host: { kind: "ssh", connection } });
 * new BridgeNetwork("net", { networkName: "my-net", subnet: "172.30.5.0/24" }, engine.options);
 * ```
 */
export class RemoteEngine extends pulumi.ComponentResource {
  /** The Docker provider for that engine. */
  readonly provider: docker.Provider;
  /**
   * Options for everything on that engine: components, and resources of the Docker provider. They are replaced if the
   * host changes. If Pulumi deletes the host, they are deleted with it, without a connection to it.
   */
  readonly options: Pick<
    pulumi.CustomResourceOptions,
    "provider" | "deletedWith" | "replaceWith" | "replacementTrigger"
  >;

  constructor(name: string, args: RemoteEngineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:RemoteEngine", name, {}, componentOptions(opts));
    const { connection, resource, storage } = args.host;

    this.provider = new docker.Provider(
      name,
      {
        host: pulumi.interpolate`ssh://${connection.user ?? "root"}@${connection.host}:${connection.port ?? 22}`,
        sshOpts: sshOptionsOf(args.host),
      },
      // The old provider is still needed then, to delete resources on the old host.
      childOptions(opts, { parent: this, replaceOnChanges: resource ? [] : ["host"] }),
    );
    this.options = {
      provider: this.provider,
      ...(resource ? { deletedWith: resource } : { replacementTrigger: args.address ?? connection.host }),
      ...(storage && { replaceWith: [storage] }),
    };

    this.registerOutputs({});
  }
}
