import * as pulumi from "@pulumi/pulumi";
import { Container } from "./Container.ts";
import { checked } from "./lib/checked.ts";
import { childOptions, componentOptions } from "./lib/childOptions.ts";
import { hostAddress, hostProblem, parseCidr } from "./lib/cidr.ts";
import { gated } from "./lib/gated.ts";
import { interfaceNameProblem } from "./lib/kernelNames.ts";
import { reservedProblem } from "./lib/ranges.ts";
import { cable, containerPart, HERE, node, type TopologyPart } from "./lib/topologyParts.ts";

export interface OutsideHostArgs {
  /** Name on the engine of the container that keeps the namespace. */
  readonly containerName: pulumi.Input<string>;
  /** Id of the image, built from images/box. */
  readonly image: pulumi.Input<string>;
  /** Name of the host's end of the veth pair, at most 15 bytes (IFNAMSIZ in netdevice(7)). */
  readonly interface: pulumi.Input<string>;
  /** IPv4 block of the veth pair in CIDR notation: the host gets the first address, the outside host the second. */
  readonly subnet: pulumi.Input<string>;
  /**
   * TCP port of its web server, which returns each visitor's source address.
   * @default 8080
   */
  readonly port?: pulumi.Input<number>;
  /**
   * Owner mark, as `project/stack`: the alias of the host's end of the veth pair.
   * @default - no alias
   */
  readonly owner?: pulumi.Input<string>;
  /**
   * Labels of the container.
   * @default - none
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

const PORT = 8080;

/**
 * A simulated outside host: a network namespace behind a veth pair to the engine's host, with a web server in it. Its
 * only route is to the block of the veth pair, so it can only reply to packets from an address of the host. The
 * container that keeps it uses the host's network and the capabilities NET_ADMIN, for the veth pair, and SYS_ADMIN, for
 * the namespace (network_namespaces(7)). Both are removed with the container.
 *
 * @example
 * ```ts
 * import { OutsideHost, packagedImage, ServiceImage } from "dockernet";
 *
 * const { imageId: image } = new ServiceImage("box", { source: packagedImage("box") });
 * const end = { interface: "veth-outside", subnet: "10.201.7.0/30" };
 * export const { address } = new OutsideHost("outside", { containerName: "outside", image, ...end });
 * ```
 */
export class OutsideHost extends pulumi.ComponentResource {
  /** Its IPv4 address. Known once its web server answers. */
  readonly address: pulumi.Output<string>;
  /**
   * IPv4 address of the host's end of the veth pair: the host as seen from outside. Known once the web server answers.
   */
  readonly gateway: pulumi.Output<string>;
  /** Name of the host's end of the veth pair. Known once the web server answers. */
  readonly interface: pulumi.Output<string>;

  constructor(name: string, args: OutsideHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:OutsideHost", name, {}, componentOptions(opts));
    const { port = PORT, owner } = args;
    const cable = checked(
      this,
      { name: args.interface, subnet: args.subnet },
      ({ name, subnet }) => interfaceNameProblem(name) ?? reservedProblem(subnet) ?? hostProblem(subnet, 2),
    );
    const gateway = cable.apply(({ subnet }) => hostAddress(subnet, 1));
    const address = cable.apply(({ subnet }) => hostAddress(subnet, 2));

    const container = new Container(
      name,
      {
        containerName: args.containerName,
        image: args.image,
        network: "host",
        command: pulumi.all([cable, port, owner]).apply(([{ name, subnet }, port, owner]) => {
          const ends = [1, 2].map((index) => `${hostAddress(subnet, index)}/${parseCidr(subnet).subnetMask}`);
          return ["outside.sh", name, ...ends, String(port), ...(owner === undefined ? [] : [owner])];
        }),
        capabilities: ["NET_ADMIN", "SYS_ADMIN"],
        healthcheck: pulumi.interpolate`curl -fsS -o /dev/null http://${address}:${port}/`,
        labels: args.labels,
      },
      childOptions(opts, { parent: this }),
    );

    this.address = gated(address, container.containerId);
    this.gateway = gated(gateway, container.containerId);
    this.interface = gated(
      cable.apply(({ name }) => name),
      container.containerId,
    );
    this.registerOutputs({ address: this.address, gateway: this.gateway, interface: this.interface });
  }
}

/** The outside host in a topology: the container that keeps it, the namespace, and the cable to it from this host. */
export function outsideHostParts(
  keeper: string,
  image: string,
  { subnet, ...end }: { readonly interface: string; readonly subnet: string },
  port: number,
): TopologyPart[] {
  const { subnetMask: prefix } = parseCidr(subnet);
  const { in: _, ...outside } = node("namespace", keeper, undefined, { listens: `${port}/tcp`, keeper });
  const here = { ...end, address: `${hostAddress(subnet, 1)}/${prefix}` };
  const there = { interface: "eth0", address: `${hostAddress(subnet, 2)}/${prefix}` };
  return [
    containerPart({ name: keeper, image, networks: ["host"] }),
    { nodes: [outside], links: [cable(HERE.id, here, outside.id, there)] },
  ];
}
