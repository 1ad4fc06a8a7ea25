import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { hardened, readyWhen } from "./lib/hardened.ts";
import { labelList } from "./lib/labels.ts";
import type { RemoteEngine } from "./RemoteEngine.ts";

/**
 * Whose network a container has: `bridge` is the engine's default bridge, `none` nobody's, `host` the host's own
 * (docker-run(1), `--network`); or a user-defined network, whose other containers reach it by the container's hostname.
 */
export type NetworkChoice = "bridge" | "none" | "host" | { readonly network: pulumi.Input<string> };

export interface LabContainerArgs {
  /** The container's name on the engine. */
  readonly containerName: string;
  /**
   * Its hostname, which is also its name on a user-defined network. Not on `host`, where it has the host's.
   * @default - the engine's choice, the container's short id
   */
  readonly hostname?: string;
  /** Id of the image; the image must have what the command names. */
  readonly image: pulumi.Input<string>;
  /**
   * The engine that it is made on.
   * @default - the one that the Docker provider talks to
   */
  readonly engine?: RemoteEngine;
  /** Whose network it has. */
  readonly network: NetworkChoice;
  /**
   * What must be there before: the container that joined the same user-defined network before this one (see
   * {@link PublishedService}'s `after`), or an {@link AddressClaim}.
   * @default - nothing
   */
  readonly after?: pulumi.Resource;
  /**
   * Command and arguments.
   * @default - the image's own
   */
  readonly command?: readonly string[];
  /**
   * Kernel capabilities beside none at all (capabilities(7)), without the `CAP_` prefix.
   * @default - none
   */
  readonly capabilities?: readonly string[];
  /**
   * Command that exits 0 when the container is ready; run by `sh -c` inside it, every 2 seconds, for up to 60 seconds.
   * @default - ready when it runs
   */
  readonly healthcheck?: string;
  /** Labels of the container. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A container that is there to be looked into: for its network, and for what it reaches. */
export class LabContainer extends pulumi.ComponentResource {
  /** The container's name on the engine. Known only once it runs, or once its health check passes. */
  readonly containerName: pulumi.Output<string>;
  /** The container's id, which is another one when it is made anew. */
  readonly containerId: pulumi.Output<string>;

  constructor(name: string, args: LabContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:LabContainer", name, args, opts);
    const { network, healthcheck } = args;

    const container = new docker.Container(
      name,
      {
        name: args.containerName,
        hostname: args.hostname,
        image: args.image,
        command: args.command && [...args.command],
        networkMode: typeof network === "string" ? network : "bridge",
        networksAdvanced:
          typeof network === "string" ? undefined : [{ name: network.network, ...alias(args.hostname) }],
        ...hardened(args.capabilities),
        restart: "unless-stopped",
        init: true, // a shell that is process 1 would ignore the signal to stop
        ...(healthcheck === undefined ? {} : readyWhen(healthcheck)),
        labels: labelList(args.labels),
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        dependsOn: args.after && [args.after],
        ...(args.engine && { provider: args.engine.provider, deletedWith: args.engine.machine }),
      },
    );

    this.containerId = container.id;
    this.containerName = container.id.apply(() => args.containerName);
    this.registerOutputs({ containerName: this.containerName, containerId: this.containerId });
  }
}

const alias = (hostname?: string) => (hostname === undefined ? {} : { aliases: [hostname] });
