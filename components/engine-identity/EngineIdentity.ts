import * as pulumi from "@pulumi/pulumi";
import { HostScript } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { type Identity, ownerOf } from "../lib/identity.ts";

export interface EngineIdentityArgs {
  /** Name of the environment in messages. */
  readonly identity: Identity;
  /** Address at which this host's `docker` command reaches the engine, such as `unix:///var/run/docker.sock`. */
  readonly address: pulumi.Input<string>;
}

/**
 * Records the id of the environment's Docker engine and refuses another engine, naming both. It checks when the address
 * changes; everything on the engine must depend on it. Replacing this resource accepts the current engine.
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
