import * as pulumi from "@pulumi/pulumi";
import { HostScript } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { gated } from "../lib/gated.ts";

export interface SshKeyArgs {
  /**
   * Path of a file to write the private key to, absolute or relative to the folder of Pulumi.yaml, for programs that
   * only read keys from files. The file gets mode 0600 and its folder mode 0700; both are removed with the key.
   * @default - none: the key is in the state only
   */
  readonly file?: pulumi.Input<string>;
}

const HERE = { kind: "local" } as const;

/**
 * An ed25519 key pair without a passphrase (ssh-keygen(1)), generated once and stored encrypted in the state.
 *
 * @example
 * ```ts
 * import { SshKey } from "dockernet";
 *
 * export const { publicKey } = new SshKey("key", { file: ".keys/id_ed25519" });
 * ```
 */
export class SshKey extends pulumi.ComponentResource {
  /** The private key in OpenSSH's format; a secret. */
  readonly privateKey: pulumi.Output<string>;
  /** The public key: `ssh-ed25519 AAAA…`. */
  readonly publicKey: pulumi.Output<string>;
  /** Path of the private key's file; empty without one. Known once the file exists. */
  readonly file: pulumi.Output<string>;

  constructor(name: string, args: SshKeyArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:SshKey", name, {}, componentOptions(opts));

    const pair = new HostScript(
      name,
      {
        host: HERE,
        script: new URL("generate.sh", import.meta.url),
        variables: {},
        expected: "-----(BEGIN|END) OPENSSH [A-Z]+ KEY-----|[A-Za-z0-9+/=]+|ssh-ed25519 [A-Za-z0-9+/=]+ ?",
        secretOutput: true,
        previousOutput: true,
      },
      childOptions(opts, { parent: this }),
    ).stdout;
    this.privateKey = pair.apply((text) => text.replace(/^ssh-ed25519 .*/m, ""));
    this.publicKey = pulumi.unsecret(pair.apply((text) => /^ssh-ed25519 \S+/m.exec(text)?.[0] ?? ""));
    this.file = args.file === undefined ? pulumi.output("") : this.write(name, args.file, opts);

    this.registerOutputs({ publicKey: this.publicKey, file: this.file });
  }

  private write(
    name: string,
    file: pulumi.Input<string>,
    opts?: pulumi.ComponentResourceOptions,
  ): pulumi.Output<string> {
    const script = new HostScript(
      `${name}-file`,
      {
        host: HERE,
        script: new URL("file.sh", import.meta.url),
        variables: { FILE: file, KEY: this.privateKey },
        identity: ["FILE"],
      },
      childOptions(opts, { parent: this }),
    );
    return gated(file, script.stdout);
  }
}
