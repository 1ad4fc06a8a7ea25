import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { hardened, readyWhen } from "./lib/hardened.ts";
import { labelList } from "./lib/labels.ts";

/** Where a service listens on the host: what `docker run -p ADDRESS:PORT:…` says. */
export interface Publish {
  /**
   * IPv4 address of the host; `0.0.0.0` means every one, also those that a firewall such as ufw is thought to guard.
   * @default "127.0.0.1"
   */
  readonly address?: string;
  /** TCP port of the host, 1 to 65535. */
  readonly port: number;
}

export interface PublishedServiceArgs {
  /** The container's name on the engine. */
  readonly containerName: string;
  /** The name that other containers of the network reach it by. */
  readonly hostname: string;
  /** Id of the image, as {@link ServiceImage.imageId} gives it. */
  readonly image: pulumi.Input<string>;
  /** Name of the network that the container joins. */
  readonly network: pulumi.Input<string>;
  /**
   * The service that joined the same network before: this one is started when that one is ready, and removed before it.
   * Needed for every container of a network but the first. Up to version 28.0, an engine that removes two containers
   * from one network at once may lose count of its endpoints, and then refuses for good to remove the network.
   * @default - none: this is the network's first container
   */
  readonly after?: pulumi.Resource;
  /** TCP port that the service listens on inside the container. */
  readonly port: number;
  /**
   * Where the host answers for the service.
   * @default - nowhere: only the container's own address leads to it
   */
  readonly publish?: Publish;
  /** Command that exits 0 when the service is ready; run by `sh -c` inside the container, every 2 seconds. */
  readonly healthcheck: string;
  /**
   * Time to wait for the first passing health check, in seconds.
   * @default 60
   */
  readonly healthTimeoutSec?: number;
  /**
   * Command and arguments.
   * @default - the image's own
   */
  readonly command?: readonly string[];
  /** Environment variables. */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * Kernel capabilities beside none at all (capabilities(7)), without the `CAP_` prefix.
   * @default - none
   */
  readonly capabilities?: readonly string[];
  /** Volume to mount, by its name on the engine, and the path inside the container. */
  readonly volume?: { readonly name: pulumi.Input<string>; readonly path: string };
  /** Labels of the container. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * One container that serves one TCP port on a network, published on the host or not. It runs without new privileges
 * and with no capabilities but those named. The outputs are known only once its health check passes.
 */
export class PublishedService extends pulumi.ComponentResource {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Output<string>;
  /** The name that other containers of the network reach it by. */
  readonly hostname: pulumi.Output<string>;
  constructor(name: string, args: PublishedServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:PublishedService", name, args, opts);

    const container = new docker.Container(
      name,
      {
        name: args.containerName,
        image: args.image,
        command: args.command === undefined ? undefined : [...args.command],
        envs: environmentList(args.environment ?? {}),
        // Left out, the mode shows as a change at every preview (pulumi-docker#1272).
        networkMode: "bridge",
        networksAdvanced: [{ name: args.network, aliases: [args.hostname] }],
        ports: publishedPorts(args.port, args.publish),
        volumes: args.volume && [{ volumeName: args.volume.name, containerPath: args.volume.path }],
        ...hardened(args.capabilities),
        restart: "unless-stopped",
        ...readyWhen(args.healthcheck, args.healthTimeoutSec),
        labels: labelList(args.labels),
      },
      // The name and the port are free only when the old container is gone, also one whose start failed.
      { parent: this, deleteBeforeReplace: true, dependsOn: args.after && [args.after] },
    );

    const ready = <T>(value: T) => container.id.apply(() => value);
    this.containerName = ready(args.containerName);
    this.hostname = ready(args.hostname);
    this.registerOutputs({ containerName: this.containerName, hostname: this.hostname });
  }
}

const publishedPorts = (internal: number, publish?: Publish) =>
  publish && [{ internal, external: publish.port, ip: publish.address ?? "127.0.0.1", protocol: "tcp" }];

const environmentList = (environment: Readonly<Record<string, pulumi.Input<string>>>) =>
  Object.entries(environment)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => pulumi.interpolate`${key}=${value}`);
