import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { gated } from "../lib/gated.ts";
import { labelLines } from "../lib/labels.ts";
import { nodeId } from "../lib/nodeId.ts";
import { ownLabels } from "../lib/ownLabels.ts";
import { containerPart, type TopologyPart } from "../lib/topologyParts.ts";

export interface LinkedContainerArgs {
  /**
   * The host whose `docker` command reaches the engine. The engine must be older than 30.0.
   * @default - the host that runs Pulumi
   */
  readonly host?: Host;
  /** The container's name on the engine. */
  readonly containerName: pulumi.Input<string>;
  /**
   * Its hostname.
   * @default - the container's name
   */
  readonly hostname?: pulumi.Input<string>;
  /** Id of the image. */
  readonly image: pulumi.Input<string>;
  /** Id of the container to link to, on the default bridge. If that container is recreated, this one is, too. */
  readonly target: pulumi.Input<string>;
  /** Name under which this container resolves the linked one. */
  readonly alias: pulumi.Input<string>;
  /**
   * Labels of the container. They mark its owner: an existing container of the same name without them is refused.
   * @default - `dockernet.project` and `dockernet.stack` of the program
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A container on the default bridge with a legacy link to another one, like `docker run --link`. A link is an entry in
 * /etc/hosts, in one direction. The Docker provider no longer supports links, so this component runs the docker
 * command; engines from 30.0 on have none. On a user-defined network names resolve without links.
 *
 * @example
 * ```ts
 * import { Container, LinkedContainer, packagedImage, ServiceImage } from "dockernet";
 *
 * const { imageId: image } = new ServiceImage("box", { source: packagedImage("box") });
 * const server = new Container("server", { containerName: "server", image, network: "bridge" });
 * new LinkedContainer("client", { containerName: "client", image, target: server.containerId, alias: "server" });
 * ```
 */
export class LinkedContainer extends pulumi.ComponentResource {
  /** The container's id. Known once it runs. */
  readonly containerId: pulumi.Output<string>;
  /** The container's name on the engine. Known once it runs. */
  readonly containerName: pulumi.Output<string>;

  constructor(name: string, args: LinkedContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:LinkedContainer", name, {}, componentOptions(opts));

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("linked.sh", import.meta.url),
        variables: {
          NAME: args.containerName,
          HOST_NAME: args.hostname ?? args.containerName,
          IMAGE: args.image,
          TARGET: args.target,
          ALIAS: args.alias,
          LABELS: ownLabels(args.labels).apply(labelLines),
        },
        identity: ["NAME", "LABELS"],
        expected: "[0-9a-f]{64}",
      },
      childOptions(opts, { parent: this }),
    );

    this.containerId = script.stdout;
    this.containerName = gated(args.containerName, script.stdout);
    this.registerOutputs({ containerId: this.containerId, containerName: this.containerName });
  }
}

/** The container in a topology, on this host's default bridge; `target` is the name of the linked container. */
export const linkedContainerParts = (name: string, image: string, target: string, alias: string): TopologyPart[] => [
  containerPart({ name, image, networks: ["bridge"] }),
  {
    links: [
      {
        kind: "link",
        from: nodeId("container", name, undefined),
        to: nodeId("container", target, undefined),
        facts: { alias },
      },
    ],
  },
];
