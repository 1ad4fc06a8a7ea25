import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { SshHost } from "./host-script/HostScript.ts";
import { sshOptionsOf } from "./host-script/sshOptionsOf.ts";
import { childOptions, componentOptions } from "./lib/childOptions.ts";

export interface RemoteEngineArgs {
  /**
   * The host, with the file of its private key unless the ssh agent has the key. Its user must be let to the engine:
   * root, or one of its group.
   */
  readonly host: SshHost;
  /**
   * The host's address, if `host` tells it only once something else is there. With another one all that is on the
   * engine is removed from the old host and made on the new one; a node that a resource makes goes by that resource.
   * @default - that of the connection
   */
  readonly address?: pulumi.Input<string>;
}

/**
 * The engine of another host, reached over SSH with the host key pinned (dockerd(8), `ssh://`). The host needs the
 * `docker` command, this one OpenSSH 8.5 or newer. No setting of the user's own ssh client plays a part.
 */
export class RemoteEngine extends pulumi.ComponentResource {
  /** The provider for what is to be made on that engine. */
  readonly provider: docker.Provider;
  /**
   * Options of what is to be made on that engine, a component or a resource of the Docker provider: on another host it is made
   * again, and it goes with a host that Pulumi removes, which nobody dials for it.
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
      // The old one is still needed then, to remove what is on the old host.
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
