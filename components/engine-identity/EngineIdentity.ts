import * as pulumi from "@pulumi/pulumi";
import { HostScript } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { type Identity, ownerOf } from "../lib/identity.ts";

export interface EngineIdentityArgs {
  /** The environment, for messages. */
  readonly identity: Identity;
  /** Where this host's `docker` command finds the engine, such as `unix:///var/run/docker.sock`. */
  readonly address: pulumi.Input<string>;
}

/**
 * Remembers the id of the Docker engine that everything is on, and refuses another engine by both names. It looks when the
 * address changes; everything that is made on the engine depends on it. A replacement of it takes the engine that is there.
 */
export class EngineIdentity extends pulumi.ComponentResource {
  constructor(name: string, args: EngineIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:EngineIdentity", name, {}, componentOptions(opts));

    new HostScript(
      name,
      {
        host: { kind: "local" },
        script: new URL("identity.sh", import.meta.url),
        variables: { OWNER: ownerOf(args.identity), ADDRESS: args.address },
        previousOutput: true,
      },
      childOptions(opts, { parent: this }),
    );

    this.registerOutputs({});
  }
}
