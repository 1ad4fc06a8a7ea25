import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { SshHost } from "./host-script/HostScript.ts";
import { sshOptions } from "./lib/sshOptions.ts";

export interface RemoteEngineArgs {
  /** The machine, with the file of its private key. Its user must be let to the engine: root, or one of its group. */
  readonly host: SshHost & { readonly keyFile: pulumi.Input<string> };
}

/**
 * The engine of another machine, reached over SSH with the host key pinned (dockerd(8), `ssh://`). The machine needs the
 * `docker` command, this one OpenSSH 8.5 or newer. No setting of the user's own ssh client plays a part.
 */
export class RemoteEngine extends pulumi.ComponentResource {
  /** The provider for what is to be made on that engine. */
  readonly provider: docker.Provider;
  /** The resource that the machine is: with it goes all that is on it, without anybody dialling it. */
  readonly machine: pulumi.CustomResource | undefined;

  constructor(name: string, args: RemoteEngineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:RemoteEngine", name, {}, opts); // the arguments hold a private key
    const { connection, keyFile, machine } = args.host;
    this.machine = machine;

    this.provider = new docker.Provider(
      name,
      {
        host: pulumi.interpolate`ssh://${connection.user ?? "root"}@${connection.host}:${connection.port ?? 22}`,
        sshOpts: pulumi.all([connection.host, connection.hostKey, keyFile]).apply((all) => sshOptions(...all)),
      },
      { parent: this },
    );

    this.registerOutputs({});
  }
}
