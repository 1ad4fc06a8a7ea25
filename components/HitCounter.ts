import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Container, type Publish } from "./Container.ts";
import { childOptions, componentOptions } from "./lib/childOptions.ts";
import { labelInputs } from "./lib/labels.ts";
import { containerPart, publishPart, type TopologyPart } from "./lib/topologyParts.ts";

export interface HitCounterArgs {
  /** Name of the user-defined network that both containers join. */
  readonly network: pulumi.Input<string>;
  /** Ids of the images. */
  readonly images: { readonly redis: pulumi.Input<string>; readonly web: pulumi.Input<string> };
  /** Names on the engine: of the two containers, and of the volume that keeps the hits. */
  readonly names: {
    readonly redis: pulumi.Input<string>;
    readonly web: pulumi.Input<string>;
    readonly volume: pulumi.Input<string>;
  };
  /**
   * Where the host answers for the web container; redis is never published.
   * @default - nowhere
   */
  readonly publish?: Omit<Publish, "containerPort">;
  /**
   * Labels of the containers and of the volume.
   * @default - none
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** Port of the web container: the tutorial's `app.py` listens on 5000. */
const WEB_PORT = 5000;
const REDIS_HOST = "redis";
/** Port of redis, which is its own default. */
const REDIS_PORT = 6379;

/**
 * A web application that counts its visits in redis: a published front end and a back end that only containers reach.
 * The hits are kept on a volume, so they outlive either container; destroying the stack removes them.
 */
export class HitCounter extends pulumi.ComponentResource {
  /** The container of redis, whose outputs are known only once redis answers. */
  readonly redis: Container;
  /** The container of the web application, whose outputs are known only once it answers and reaches redis. */
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
        aliases: [REDIS_HOST],
        image: args.images.redis,
        network,
        // Append-only: a hit is in the file before it is answered, so a container that is killed loses none.
        command: ["redis-server", "--appendonly", "yes", "--dir", "/data", "--bind", "*", "--protected-mode", "no"],
        healthcheck: "redis-cli ping | grep -q PONG",
        // The official image starts as root, then becomes redis, whom init could not tell to stop without KILL.
        capabilities: ["CHOWN", "KILL", "SETGID", "SETUID"],
        volume: { name: hits.name, path: "/data" },
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
        publish: args.publish && { ...args.publish, containerPort: WEB_PORT },
        healthcheck: `curl -fsS http://127.0.0.1:${WEB_PORT}/healthz`,
        environment: { REDIS_HOST },
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
  containerPart({ name: redis, image: "redis", networks: [network], listens: REDIS_PORT }),
  containerPart({ name: web, image: "web", networks: [network], listens: WEB_PORT }),
  publishPart(publish.address, publish.port, web, WEB_PORT),
];
