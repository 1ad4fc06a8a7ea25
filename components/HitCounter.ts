import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Container, type Publish } from "./Container.ts";
import { childOptions, componentOptions } from "./lib/childOptions.ts";
import { REDIS, WEB } from "./lib/hitCounter.ts";
import { labelInputs } from "./lib/labels.ts";
import { containerPart, publishPart, type TopologyPart } from "./lib/topologyParts.ts";

export interface HitCounterArgs {
  /** Name of the user-defined network for both containers. */
  readonly network: pulumi.Input<string>;
  /** Ids of the images. */
  readonly images: { readonly redis: pulumi.Input<string>; readonly web: pulumi.Input<string> };
  /** Names on the engine: of the two containers, and of the volume for the hits. */
  readonly names: {
    readonly redis: pulumi.Input<string>;
    readonly web: pulumi.Input<string>;
    readonly volume: pulumi.Input<string>;
  };
  /**
   * Port of the web container to publish; redis is never published.
   * @default - none
   */
  readonly publish?: Omit<Publish, "containerPort">;
  /**
   * Labels of the containers and of the volume.
   * @default - none
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A web application that counts its visits in redis: a published front end, and a back end that only containers reach.
 * The hits are on a volume, so they survive the loss of either container; destroying the stack removes them.
 *
 * @example
 * ```ts
 * import { BridgeNetwork, HitCounter, packagedImage, ServiceImage } from "dockernet";
 *
 * const { networkName: network } = new BridgeNetwork("net", { networkName: "hits", subnet: "172.30.6.0/24" });
 * const redis = new ServiceImage("redis", { source: { reference: "redis:7.2-alpine" } }).imageId;
 * const web = new ServiceImage("web", { source: packagedImage("web") }).imageId;
 * const names = { redis: "hits-redis", web: "hits-web", volume: "hits" };
 * new HitCounter("hits", { network, images: { redis, web }, names, publish: { port: 5000 } });
 * ```
 */
export class HitCounter extends pulumi.ComponentResource {
  /** The redis container. Its outputs are known once redis answers. */
  readonly redis: Container;
  /** The web application's container. Its outputs are known once it answers and reaches redis. */
  readonly web: Container;

  constructor(name: string, args: HitCounterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:HitCounter", name, {}, componentOptions(opts));
    const { network, labels } = args;

    const hits = new docker.Volume(
      `${name}-hits`,
      { name: args.names.volume, labels: labelInputs(labels) },
      childOptions(opts, { parent: this, deleteBeforeReplace: true }),
    );
    this.redis = new Container(
      `${name}-redis`,
      {
        containerName: args.names.redis,
        aliases: [REDIS.host],
        image: args.images.redis,
        network,
        command: [...REDIS.command],
        healthcheck: REDIS.healthcheck,
        capabilities: [...REDIS.capabilities],
        volume: { name: hits.name, path: REDIS.data },
        labels,
      },
      childOptions(opts, { parent: this }),
    );
    this.web = new Container(
      name,
      {
        containerName: args.names.web,
        aliases: ["web"],
        image: args.images.web,
        network,
        publish: args.publish && { ...args.publish, containerPort: WEB.port },
        healthcheck: WEB.healthcheck,
        environment: WEB.environment,
        labels,
      },
      childOptions(opts, { parent: this, dependsOn: this.redis }),
    );

    this.registerOutputs({ redisName: this.redis.containerName, webName: this.web.containerName });
  }
}

/** The hit counter in a topology, by the names of its network and its containers on this host. */
export const hitCounterParts = (
  network: string,
  { redis, web }: { readonly redis: string; readonly web: string },
  publish: { readonly address: string; readonly port: number },
): TopologyPart[] => [
  containerPart({ name: redis, image: "redis", networks: [network], listens: REDIS.port }),
  containerPart({ name: web, image: "web", networks: [network], listens: WEB.port }),
  publishPart(publish.address, publish.port, web, WEB.port),
];
