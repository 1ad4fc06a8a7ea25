import * as pulumi from "@pulumi/pulumi";
import { HostScript } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";

export interface VmDiskArgs {
  /** Id of the image built from `images/vm`: {@link ServiceImage.imageId}. */
  readonly image: pulumi.Input<string>;
}

/** How QEMU runs a machine: with KVM, or in software emulation (`tcg`). */
export type Acceleration = "kvm" | "tcg";

/** Time limit for exporting the image and creating the file system, in seconds. */
const TIMEOUT_SEC = 900;

/**
 * The base disk of virtual machines, created from an image on this host, with the image's kernel. It stays in the
 * user's cache when the stack is destroyed, as the image stays on the engine. Prints a warning if KVM does not work.
 */
export class VmDisk extends pulumi.ComponentResource {
  /** Folder of the disk, the kernel and the initial RAM disk. Known once they exist. */
  readonly folder: pulumi.Output<string>;
  /** How QEMU runs machines on this host: with KVM, or in software emulation. Tested once for all of them. */
  readonly acceleration: pulumi.Output<Acceleration>;

  constructor(name: string, args: VmDiskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:VmDisk", name, {}, componentOptions(opts));

    const disk = new HostScript(
      name,
      {
        host: { kind: "local" },
        script: new URL("disk.sh", import.meta.url),
        variables: { IMAGE: args.image },
        timeoutSec: TIMEOUT_SEC,
        expected: "(kvm|tcg) /.+",
      },
      childOptions(opts, { parent: this }),
    );

    this.folder = disk.stdout.apply((text) => /\/.*/.exec(text)?.[0] ?? "");
    this.acceleration = disk.stdout.apply((text) => (text.startsWith("kvm") ? "kvm" : "tcg"));
    this.registerOutputs({ folder: this.folder, acceleration: this.acceleration });
  }
}
