import * as pulumi from "@pulumi/pulumi";
import { LabContainer } from "./LabContainer.ts";
import { hostAddress, parseCidr } from "./lib/cidr.ts";
import { interfaceNameProblem } from "./lib/kernelNames.ts";

export interface OutsideHostArgs {
  /** Name on the engine of the container that keeps it. */
  readonly containerName: string;
  /** Id of the image, built from images/box. */
  readonly image: pulumi.Input<string>;
  /** Name of the host's end of the cable, at most 15 bytes (IFNAMSIZ in netdevice(7)). */
  readonly interface: string;
  /** IPv4 block of the cable: the host gets the first address and the outside host the second. */
  readonly subnet: string;
  /**
   * TCP port of its web server, which answers every visitor with the address that the visitor comes from.
   * @default 8080
   */
  readonly port?: number;
  /**
   * Who makes it, as `project/stack`: the alias of the host's end of the cable.
   * @default - no alias
   */
  readonly owner?: string;
  /**
   * What must be there before, for example an {@link AddressClaim}.
   * @default - nothing
   */
  readonly after?: pulumi.Resource;
  /** Labels of the container. */
  readonly labels: Readonly<Record<string, string>>;
}

const PORT = 8080;

/**
 * A machine of the outside world, on this machine: a network namespace behind a cable to the engine's host, and a web
 * server in it. It has no route but the one to its block, so whatever it answers must have come from an address of the
 * host. The container that keeps it has the host's network and the capabilities NET_ADMIN, for the cable, and SYS_ADMIN,
 * for the namespace (network_namespaces(7)); both vanish with the container.
 */
export class OutsideHost extends pulumi.ComponentResource {
  /** Its address. Known only once its web server answers. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: OutsideHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:OutsideHost", name, args, opts);
    const problem = interfaceNameProblem(args.interface);
    if (problem) throw new pulumi.ResourceError(problem, this, true);
    const { prefix } = parseCidr(args.subnet);
    const [host, address] = [hostAddress(args.subnet, 1), hostAddress(args.subnet, 2)];
    const port = args.port ?? PORT;

    const container = new LabContainer(
      name,
      {
        containerName: args.containerName,
        image: args.image,
        network: "host",
        command: [
          "outside.sh",
          args.interface,
          `${host}/${prefix}`,
          `${address}/${prefix}`,
          String(port),
          ...(args.owner === undefined ? [] : [args.owner]),
        ],
        capabilities: ["NET_ADMIN", "SYS_ADMIN"],
        healthcheck: `curl -fsS -o /dev/null http://${address}:${port}/`,
        after: args.after,
        labels: args.labels,
      },
      { parent: this },
    );

    this.address = container.containerName.apply(() => address);
    this.registerOutputs({ address: this.address });
  }
}
