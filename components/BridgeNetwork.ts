import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { checked } from "./lib/checked.ts";
import { childOptions, componentOptions } from "./lib/childOptions.ts";
import { hostAddress, hostProblem } from "./lib/cidr.ts";
import { labelInputs } from "./lib/labels.ts";
import { networkOutputs } from "./lib/networkOutputs.ts";
import { reservedProblem } from "./lib/ranges.ts";

export interface BridgeNetworkArgs {
  /** The network's name on the engine, as `docker network ls` shows it. */
  readonly networkName: pulumi.Input<string>;
  /** IPv4 block of the network in CIDR notation, for example `172.20.8.0/24`. It must not overlap another network. */
  readonly subnet: pulumi.Input<string>;
  /**
   * IPv4 address of the bridge, the containers' default gateway.
   * @default - the first host address of the subnet
   */
  readonly gateway?: pulumi.Input<string>;
  /**
   * Labels of the network.
   * @default - none
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A user-defined bridge network, like `docker network create -d bridge`. Containers on it reach each other by address
 * and, through the engine's embedded DNS server, by name; they reach the outside through NAT
 * (docker-network-create(1)).
 *
 * All outputs are known once the network exists.
 *
 * @example
 * ```ts
 * import { BridgeNetwork } from "dockernet";
 *
 * const network = new BridgeNetwork("net", { networkName: "my-net", subnet: "172.30.5.0/24" });
 * export const { gateway } = network; // 172.30.5.1
 * ```
 */
export class BridgeNetwork extends pulumi.ComponentResource {
  /** The network's id on the engine. */
  readonly networkId: pulumi.Output<string>;
  /** The network's name, to pass to a container. */
  readonly networkName: pulumi.Output<string>;
  /** IPv4 block of the network. */
  readonly subnet: pulumi.Output<string>;
  /** IPv4 address of the bridge. */
  readonly gateway: pulumi.Output<string>;

  constructor(name: string, args: BridgeNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:BridgeNetwork", name, {}, componentOptions(opts));
    const subnet = checked(
      this,
      args.subnet,
      (block) => reservedProblem(block) ?? (args.gateway === undefined ? hostProblem(block, 1) : undefined),
    );
    const gateway = args.gateway ?? subnet.apply((block) => hostAddress(block, 1));

    const network = new docker.Network(
      name,
      {
        name: args.networkName,
        driver: "bridge",
        ipamConfigs: [{ subnet, gateway }],
        labels: labelInputs(args.labels),
      },
      // Two networks cannot have the same subnet or name, so the old one is deleted first.
      childOptions(opts, { parent: this, deleteBeforeReplace: true }),
    );

    const outputs = networkOutputs(network, { subnet, gateway });
    this.networkId = outputs.networkId;
    this.networkName = outputs.networkName;
    this.subnet = outputs.subnet;
    this.gateway = outputs.gateway;
    this.registerOutputs(outputs);
  }
}
