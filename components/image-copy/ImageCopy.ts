import * as pulumi from "@pulumi/pulumi";
import { HostScript, type SshHost } from "../host-script/HostScript.ts";
import { sshOptions } from "../lib/sshOptions.ts";

export interface ImageCopyArgs {
  /** Id of the image on the engine that this machine's `docker` command talks to. */
  readonly image: pulumi.Input<string>;
  /** The machine whose engine gets it. */
  readonly host: SshHost & { readonly keyFile: pulumi.Input<string> };
}

/**
 * An image on another machine's engine, sent over SSH (docker-save(1), docker-load(1)): for machines that reach no
 * registry, and for images that none has. It keeps its id. It is removed with this, unless a container still uses it.
 */
export class ImageCopy extends pulumi.ComponentResource {
  /** Id of the image there. Known only once it is there. */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: ImageCopyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:ImageCopy", name, {}, opts); // the arguments hold a private key
    const { connection, keyFile, sudo, machine, name: hostName } = args.host;
    const image = pulumi.output(args.image);
    const options = pulumi
      .all([connection.host, connection.hostKey, keyFile])
      .apply(([address, hostKey, file]) => sshOptions(address, hostKey, file).join("\n"));

    const sent = new HostScript(
      `${name}-sent`,
      {
        host: { kind: "local" },
        script: new URL("send.sh", import.meta.url),
        variables: {
          IMAGE: image,
          NAME: hostName ?? name,
          DESTINATION: pulumi.interpolate`${connection.user ?? "root"}@${connection.host}`,
          SSH_PORT: pulumi.output(connection.port ?? 22).apply(String),
          SSH_OPTIONS: options,
          SUDO: sudo ? "sudo -n" : "",
          MACHINE: machine?.id ?? "",
        },
      },
      { parent: this },
    );
    const kept = new HostScript(
      `${name}-kept`,
      {
        host: args.host,
        script: new URL("keep.sh", import.meta.url),
        variables: { IMAGE: image, SENT: sent.stdout },
      },
      { parent: this },
    );

    this.imageId = kept.stdout.apply((text) => text.trim());
    this.registerOutputs({ imageId: this.imageId });
  }
}
