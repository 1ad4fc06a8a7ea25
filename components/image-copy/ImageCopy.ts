import * as pulumi from "@pulumi/pulumi";
import { HostScript, type SshHost } from "../host-script/HostScript.ts";
import { sshOptionsOf } from "../host-script/sshOptionsOf.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";

export interface ImageCopyArgs {
  /** Id of the image on the engine that this host's `docker` command talks to. */
  readonly image: pulumi.Input<string>;
  /** The host whose engine receives it, with the file of its private key unless the SSH agent has the key. */
  readonly host: SshHost;
}

/**
 * Sends an image to another host's engine over SSH (docker-save(1), docker-load(1)), for hosts without a registry and
 * for images that no registry has. Deleting this resource removes the image there, unless a container still uses it.
 *
 * @example
 * ```ts
 * import { ImageCopy, packagedImage, ServiceImage } from "dockernet";
 *
 * const box = new ServiceImage("box", { source: packagedImage("box") });
 * const connection = { host: "10.0.0.11", hostKey: "ssh-ed25519 AAAA…" };
 * export const { imageId } = new ImageCopy("box", { image: box.imageId, host: { kind: "ssh", connection } });
 * ```
 */
export class ImageCopy extends pulumi.ComponentResource {
  /**
   * Id of the image on that engine; it differs if the two engines have different image stores. Known once it is loaded.
   */
  readonly imageId: pulumi.Output<string>;

  constructor(name: string, args: ImageCopyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:ImageCopy", name, {}, componentOptions(opts));
    const { connection, sudo, resource, name: hostName } = args.host;
    const image = pulumi.output(args.image);
    const options = sshOptionsOf(args.host).apply((all) => all.join("\n"));

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
          MACHINE: resource?.id ?? "",
        },
        // The destination identifies it: the image is sent again when `kept`, which removes it, is recreated.
        identity: ["DESTINATION"],
      },
      childOptions(opts, { parent: this }),
    );
    const kept = new HostScript(
      `${name}-kept`,
      {
        host: args.host,
        script: new URL("keep.sh", import.meta.url),
        variables: { IMAGE: sent.stdout.apply((text) => text.trim()) },
        expected: "sha256:[0-9a-f]{64}",
      },
      childOptions(opts, { parent: this }),
    );

    this.imageId = kept.stdout;
    this.registerOutputs({ imageId: this.imageId });
  }
}
