import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { checked } from "./lib/checked.ts";
import { childOptions, componentOptions } from "./lib/childOptions.ts";
import { hostAddress, hostProblem, isHostOf, isPartOf } from "./lib/cidr.ts";
import { interfaceNameProblem } from "./lib/kernelNames.ts";
import { labelInputs } from "./lib/labels.ts";
import { networkOutputs } from "./lib/networkOutputs.ts";
import { reservedProblem } from "./lib/ranges.ts";

/** Modes of the network's interfaces (ip-link(8), macvlan). */
const MODES = ["bridge", "private", "vepa"] as const;

export interface MacvlanNetworkArgs {
  /** The network's name on the engine, as `docker network ls` shows it. */
  readonly networkName: pulumi.Input<string>;
  /**
   * Interface of the engine's host that is connected to the LAN, at most 15 bytes (IFNAMSIZ in netdevice(7)). It must
   * exist. Older engines refuse an interface that another macvlan network uses.
   */
  readonly parent: pulumi.Input<string>;
  /** IPv4 block of the LAN in CIDR notation, for example `192.168.1.0/24`. It must not overlap another network. */
  readonly subnet: pulumi.Input<string>;
  /**
   * IPv4 address of the LAN's router, the containers' default gateway. The engine creates nothing with this address.
   * @default - the first host address of the subnet
   */
  readonly gateway?: pulumi.Input<string>;
  /**
   * IPv4 block, part of the subnet, from which the engine chooses addresses. Exclude those of other machines and of the
   * LAN's DHCP server, which the engine does not know.
   * @default - the subnet
   */
  readonly ipRange?: pulumi.Input<string>;
  /**
   * How the containers of this network reach each other: `bridge`, directly; `vepa`, through a switch that sends frames
   * back to the port that they came from; `private`, not at all.
   * @default "bridge"
   */
  readonly mode?: pulumi.Input<"bridge" | "vepa" | "private">;
  /**
   * Labels of the network.
   * @default - none
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A macvlan network, like `docker network create -d macvlan -o parent=INTERFACE`. Each of its containers is on the LAN
 * of the parent interface, with its own MAC address and without an engine's bridge, NAT or published ports. The host
 * and the containers cannot reach each other through the parent.
 *
 * All outputs are known once the network exists. If `parent` is an output of the resource that creates the interface,
 * the network is replaced with that resource.
 *
 * @example
 * ```ts
 * import { MacvlanNetwork } from "dockernet";
 *
 * new MacvlanNetwork("lan", { networkName: "lan", parent: "eth0", subnet: "192.168.1.0/24", ipRange: "192.168.1.192/27" });
 * ```
 */
export class MacvlanNetwork extends pulumi.ComponentResource {
  /** The network's id on the engine. */
  readonly networkId: pulumi.Output<string>;
  /** The network's name, to pass to a container. */
  readonly networkName: pulumi.Output<string>;
  /** IPv4 block of the network. */
  readonly subnet: pulumi.Output<string>;
  /** IPv4 address of the LAN's router. */
  readonly gateway: pulumi.Output<string>;

  constructor(name: string, args: MacvlanNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:MacvlanNetwork", name, {}, componentOptions(opts));
    const { networkName, ipRange, mode = "bridge" } = args;
    const parent = checked(this, args.parent, interfaceNameProblem);
    const block = checked(this, { subnet: args.subnet, gateway: args.gateway, ipRange }, blockProblem);
    const subnet = block.apply((known) => known.subnet);
    const gateway = block.apply((known) => known.gateway ?? hostAddress(known.subnet, 1));

    const network = new docker.Network(
      name,
      {
        name: networkName,
        driver: "macvlan",
        options: { parent, macvlan_mode: checked(this, mode, modeProblem) },
        ipamConfigs: [{ subnet, gateway, ...(ipRange !== undefined && { ipRange }) }],
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

interface Block {
  readonly subnet: string;
  readonly gateway?: string | undefined;
  readonly ipRange?: string | undefined;
}

function blockProblem({ subnet, gateway, ipRange }: Block): string | undefined {
  const problem = reservedProblem(subnet) ?? hostProblem(subnet, 1);
  if (problem !== undefined) return problem;
  if (gateway !== undefined && !isHostOf(subnet, gateway)) return `expected a host of ${subnet}, got ${gateway}`;
  return ipRange === undefined || isPartOf(subnet, ipRange)
    ? undefined
    : `expected a part of ${subnet}, got ${ipRange}`;
}

const modeProblem = (mode: string): string | undefined =>
  MODES.some((each) => each === mode) ? undefined : `expected one of ${MODES.join(", ")}, got ${JSON.stringify(mode)}`;
