import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { labelList } from "./lib/labels.ts";
import { type Publish, PublishedService } from "./PublishedService.ts";

export interface HitCounterArgs {
  /** Name of the network that both containers join. */
  readonly network: pulumi.Input<string>;
  /** Ids of the images. */
  readonly images: { readonly redis: pulumi.Input<string>; readonly web: pulumi.Input<string> };
  /** Names on the engine: of the two containers, and of the volume that keeps the hits. */
  readonly names: { readonly redis: string; readonly web: string; readonly volume: string };
  /**
   * Where the host answers for the web container; redis is never published.
   * @default - nowhere
   */
  readonly publish?: Publish;
  /**
   * What must be there before the volume is made, as it must before the network.
   * @default - nothing
   */
  readonly after?: pulumi.Resource;
  /** Labels of the containers and of the volume. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Port of the web container: the tutorial's `app.py` listens on 5000. */
export const WEB_PORT = 5000;
const REDIS_HOST = "redis";
/** Port of redis, which is its own default. */
export const REDIS_PORT = 6379;

/**
 * A web application that counts its visits in redis: a published front end and a back end that only containers reach.
 * The hits are kept on a volume, so they outlive either container; destroying the stack removes them.
 */
export class HitCounter extends pulumi.ComponentResource {
  /** Name of the redis container. Known only once redis answers. */
  readonly redisName: pulumi.Output<string>;
  /** Name of the web container. Known only once the web application answers and reaches redis. */
  readonly webName: pulumi.Output<string>;

  constructor(name: string, args: HitCounterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:HitCounter", name, args, opts);
    const { network, labels } = args;

    const hits = new docker.Volume(
      `${name}-hits`,
      { name: args.names.volume, labels: labelList(labels) },
      { parent: this, deleteBeforeReplace: true, dependsOn: args.after && [args.after] },
    );
    const redis = new PublishedService(
      `${name}-redis`,
      {
        containerName: args.names.redis,
        hostname: REDIS_HOST,
        image: args.images.redis,
        network,
        port: REDIS_PORT,
        // Append-only: a hit is in the file before it is answered, so a container that is killed loses none.
        command: ["redis-server", "--appendonly", "yes", "--dir", "/data", "--bind", "*", "--protected-mode", "no"],
        healthcheck: "redis-cli ping | grep -q PONG",
        capabilities: ["CHOWN", "SETGID", "SETUID"], // the official image starts as root, then becomes redis
        volume: { name: hits.name, path: "/data" },
        labels,
      },
      { parent: this },
    );
    const web = new PublishedService(
      name,
      {
        containerName: args.names.web,
        hostname: "web",
        image: args.images.web,
        network,
        after: redis,
        port: WEB_PORT,
        publish: args.publish,
        healthcheck: `curl -fsS http://127.0.0.1:${WEB_PORT}/healthz`,
        environment: { REDIS_HOST },
        labels,
      },
      { parent: this },
    );

    this.redisName = redis.containerName;
    this.webName = web.containerName;
    this.registerOutputs({ redisName: this.redisName, webName: this.webName });
  }
}
