import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { cableProblem, networkOf, withoutPrefix } from "../lib/cidr.ts";
import { interfaceNameProblem } from "../lib/kernelNames.ts";
import { reservedProblem } from "../lib/ranges.ts";
import { type CableEnd, cable, node, type On, type TopologyPart } from "../lib/topologyParts.ts";

/** One end of a veth pair. */
export interface VethEnd {
  /** Name of its network namespace. */
  readonly namespace: pulumi.Input<string>;
  /** Name of the interface, at most 15 bytes (IFNAMSIZ in netdevice(7)). */
  readonly interface: pulumi.Input<string>;
  /** IPv4 address with prefix length, for example `192.168.1.1/24`. Both ends must be in the same block. */
  readonly address: pulumi.Input<string>;
}

export interface VethPairArgs {
  /**
   * The host of both namespaces. Its user must be root.
   * @default - the host that runs Pulumi
   */
  readonly host?: Host;
  /** The two ends. */
  readonly ends: readonly [VethEnd, VethEnd];
  /**
   * MTU of both ends, in bytes, 68 to 65535 (RFC 791).
   * @default 1500
   */
  readonly mtu?: pulumi.Input<number>;
}

const MTU = { least: 68, most: 65_535, usual: 1_500 };

/**
 * A veth pair between two network namespaces, with an address on each end and both ends up: packets sent into one end
 * come out of the other (veth(4)). Changing an address or the MTU keeps the pair; changing an interface's name replaces it.
 *
 * @example
 * ```ts
 * import { NetworkNamespace, VethPair } from "dockernet";
 *
 * const { namespace: a } = new NetworkNamespace("test1", { namespace: "test1" });
 * const { namespace: b } = new NetworkNamespace("test2", { namespace: "test2" });
 * new VethPair("cable", {
 *   ends: [
 *     { namespace: a, interface: "veth1", address: "192.168.1.1/24" },
 *     { namespace: b, interface: "veth2", address: "192.168.1.2/24" },
 *   ],
 * });
 * ```
 */
export class VethPair extends pulumi.ComponentResource {
  /** Interface names of the two ends. Known once both ends are up. */
  readonly interfaces: pulumi.Output<[string, string]>;
  /** IPv4 addresses of the two ends, without prefix length. Known once both ends are up. */
  readonly addresses: pulumi.Output<[string, string]>;

  constructor(name: string, args: VethPairArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:VethPair", name, {}, componentOptions(opts));
    const [a, b] = args.ends;
    const interfaces = checked(this, [a.interface, b.interface] as const, (names) =>
      names.map(interfaceNameProblem).find(Boolean),
    );
    const addresses = checked(
      this,
      [a.address, b.address] as const,
      (both) => cableProblem(both) ?? both.map((each) => reservedProblem(withoutPrefix(each))).find(Boolean),
    );
    const mtu = checked(this, args.mtu ?? MTU.usual, mtuProblem);

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("veth.sh", import.meta.url),
        variables: {
          A_NAMESPACE: a.namespace,
          A_NAME: interfaces[0],
          A_ADDRESS: addresses[0],
          B_NAMESPACE: b.namespace,
          B_NAME: interfaces[1],
          B_ADDRESS: addresses[1],
          NETWORK: addresses[0].apply(networkOf),
          MTU: mtu.apply(String),
        },
        identity: ["A_NAMESPACE", "A_NAME", "B_NAMESPACE", "B_NAME"],
      },
      childOptions(opts, { parent: this }),
    );

    this.interfaces = pulumi.all([interfaces, script.stdout]).apply(([[one, other]]): [string, string] => [one, other]);
    this.addresses = pulumi
      .all([addresses, script.stdout])
      .apply(([[one, other]]): [string, string] => [withoutPrefix(one), withoutPrefix(other)]);
    this.registerOutputs({ interfaces: this.interfaces, addresses: this.addresses });
  }
}

const mtuProblem = (mtu: number): string | undefined =>
  Number.isInteger(mtu) && mtu >= MTU.least && mtu <= MTU.most
    ? undefined
    : `expected an MTU of ${MTU.least} to ${MTU.most} bytes, got ${mtu}`;

/** One end of a veth pair in a topology. */
export interface NamespaceEnd extends CableEnd {
  readonly namespace: string;
}

/** The topology of a veth pair and its two namespaces on a host. */
export function vethPairPart([from, to]: readonly [NamespaceEnd, NamespaceEnd], on: On): TopologyPart {
  const [a, b] = [node("namespace", from.namespace, on, {}), node("namespace", to.namespace, on, {})];
  return { nodes: [a, b], links: [cable(a.id, from, b.id, to)] };
}
