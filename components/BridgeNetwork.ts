import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { hostAddress } from "./lib/cidr.ts";
import { labelList } from "./lib/labels.ts";

export interface BridgeNetworkArgs {
  /** The network's name on the engine, as `docker network ls` shows it. */
  readonly networkName: string;
  /** IPv4 block of the network in CIDR notation, for example `172.20.8.0/24`. It must overlap no other network. */
  readonly subnet: string;
  /**
   * Address of the bridge itself, which is the containers' default route.
   * @default - the first host address of the subnet
   */
  readonly gateway?: string;
  /**
   * What must be there before the network is made, for example an {@link AddressClaim}.
   * @default - nothing
   */
  readonly after?: pulumi.Resource;
  /** Labels of the network. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A user-defined bridge: what `docker network create -d bridge` makes. Containers on it reach each other by address and,
 * through the engine's embedded DNS server, by name; they reach the outside by NAT (docker-network-create(1)).
 */
export class BridgeNetwork extends pulumi.ComponentResource {
  /** The name to give to a container. Known only once the network exists. */
  readonly networkName: pulumi.Output<string>;

  constructor(name: string, args: BridgeNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:BridgeNetwork", name, args, opts);

    const network = new docker.Network(
      name,
      {
        name: args.networkName,
        driver: "bridge",
        ipamConfigs: [{ subnet: args.subnet, gateway: args.gateway ?? hostAddress(args.subnet, 1) }],
        labels: labelList(args.labels),
      },
      // Two networks cannot hold one subnet, nor one name: the old one goes first.
      { parent: this, deleteBeforeReplace: true, dependsOn: args.after && [args.after] },
    );

    this.networkName = pulumi.all([network.name, network.id]).apply(([networkName]) => networkName);
    this.registerOutputs({ networkName: this.networkName });
  }
}
