import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";

export interface EndpointReleaseArgs {
  /**
   * The host whose `docker` command reaches the engine.
   * @default - the host that runs Pulumi
   */
  readonly host?: Host;
  /** Name of the network. */
  readonly network: pulumi.Input<string>;
  /** Label of the containers to disconnect, as `key=value`; other containers stay on the network. */
  readonly label: pulumi.Input<string>;
  /** The containers of the network, or their parent components. */
  readonly containers: readonly pulumi.Resource[];
}

/**
 * Disconnects many containers from their network one after the other when a stack is destroyed, so that they can then
 * be removed in parallel. Engines up to 28.0 that remove several containers from one network at the same time may lose
 * count of its endpoints. For a few containers, let each depend on the previous one instead (`dependsOn`): that also
 * covers an update that replaces several of them, but creates them one after the other, which is slow for many.
 *
 * @example
 * ```ts
 * import { BridgeNetwork, Container, EndpointRelease, packagedImage, ServiceImage } from "dockernet";
 *
 * const { networkName: network } = new BridgeNetwork("net", { networkName: "many", subnet: "172.30.7.0/24" });
 * const { imageId: image } = new ServiceImage("box", { source: packagedImage("box") });
 * const labels = { team: "networking" };
 * const names = Array.from({ length: 40 }, (_, index) => `box-${index}`);
 * const containers = names.map((name) => new Container(name, { containerName: name, image, network, labels }));
 * new EndpointRelease("release", { network, label: "team=networking", containers });
 * ```
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
