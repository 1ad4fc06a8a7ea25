import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";

export interface EndpointReleaseArgs {
  /** The host whose `docker` command reaches the engine. */
  readonly host: Host;
  /** Name of the network. */
  readonly network: pulumi.Input<string>;
  /** Label that the containers carry, as `key=value`; others on the network are left on it. */
  readonly label: pulumi.Input<string>;
  /** The containers of the network, or components that hold them. */
  readonly containers: readonly pulumi.Resource[];
}

/**
 * Takes many containers off their network one after the other when a stack is destroyed, so that they may then be
 * removed side by side: an engine up to version 28.0 that removes several containers from one network at once may lose
 * count of its endpoints. For a few containers `dependsOn` of each on the one before does the same, and also covers an
 * update that replaces several of them; it creates them one after the other, though, which many have no time for.
 */
export class EndpointRelease extends pulumi.ComponentResource {
  constructor(name: string, args: EndpointReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:EndpointRelease", name, {}, componentOptions(opts));

    new HostScript(
      name,
      {
        host: args.host,
        script: new URL("release.sh", import.meta.url),
        variables: { NETWORK: args.network, LABEL: args.label },
      },
      childOptions(opts, { parent: this, dependsOn: [...args.containers] }),
    );

    this.registerOutputs({});
  }
}
