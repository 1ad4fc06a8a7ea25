import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { gated } from "../lib/gated.ts";
import { ownerOf, stackLabels } from "../lib/identity.ts";
import { filesProblem, type ServiceFilePlace } from "../lib/serviceFiles.ts";
import {
  type ServicePolicy,
  type ServicePort,
  type ServiceShape,
  serviceParts,
  serviceProblem,
  updateDelaySec,
} from "../lib/serviceSpec.ts";

/** A secret or a config of a service, with either a content of its own or one that the swarm has already. */
export interface ServiceFile extends ServiceFilePlace {
  /**
   * Content, in UTF-8: less than 500 KiB of a secret, 1000 KiB of a config (500 before engine 23.0). Encrypted in Pulumi's state,
   * and never shown. Another content updates the service, and the secret or config of before is removed when all tasks have the
   * new one.
   * @default - that of `existing`
   */
  readonly content?: pulumi.Input<string>;
  /**
   * Name of a secret, or a config, of the swarm that this program does not create, or that is a resource of the Docker provider
   * (`docker.Secret`, `docker.ServiceConfig`). It is neither changed nor removed.
   * @default - none: the service has one of its own, with `content`
   */
  readonly existing?: pulumi.Input<string>;
}

export interface SwarmServiceArgs {
  /** The service's name. On its networks, other containers resolve it. */
  readonly serviceName: pulumi.Input<string>;
  /** Host of a manager of the swarm. It must have the programs docker and curl. */
  readonly manager: Host;
  /** Id of the swarm: {@link SwarmCluster.clusterId}. If it changes, the service is replaced. */
  readonly clusterId: pulumi.Input<string>;
  /**
   * Image of the tasks: an id, if every node has the image (see {@link ImageCopy}), or a reference with a digest, which the
   * nodes pull.
   */
  readonly image: pulumi.Input<string>;
  /**
   * Names of networks to join, such as {@link SwarmNetwork.networkName}.
   * @default - none
   */
  readonly networks?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Number of tasks, 1 or more.
   * @default - one on each node that fits the constraints (mode global)
   */
  readonly replicas?: pulumi.Input<number>;
  /**
   * Largest number of tasks on one node; 0 means no limit. Not for mode global.
   * @default 0
   */
  readonly maxPerNode?: pulumi.Input<number>;
  /**
   * Constraints that a node of a task must meet, such as `node.labels.disk==ssd` or `node.role!=manager`.
   * @default - none
   */
  readonly constraints?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * What the service's name gives: the addresses of its tasks, in turn (`dnsrr`), or one address from which the kernel
   * distributes connections (`vip`), which needs `ip_vs` in the kernel.
   * @default "dnsrr"
   */
  readonly endpointMode?: "dnsrr" | "vip";
  /**
   * Ports to publish.
   * @default - none
   */
  readonly publish?: readonly ServicePort[];
  /**
   * Command and arguments, after the image's entrypoint.
   * @default - the image's own
   */
  readonly command?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Environment variables, in addition to the image's.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * Health check: a command that exits 0 when a task is ready. Runs with `sh -c` inside the container, every second until
   * it passes, then twice a minute. A task that fails it is replaced.
   * @default - none: ready when it runs
   */
  readonly healthcheck?: pulumi.Input<string>;
  /**
   * Time to wait until all tasks are healthy, in seconds, without the delays of an update (`update.delaySec`).
   * @default 120
   */
  readonly healthTimeoutSec?: number;
  /**
   * Time that a task has to end after SIGTERM before it is killed, in seconds: enough for the longest request that it answers.
   * @default - the engine's: 10
   */
  readonly stopGraceSec?: pulumi.Input<number>;
  /**
   * Kernel capabilities to add, without the `CAP_` prefix (capabilities(7)); all others are dropped.
   * @default - none
   */
  readonly capabilities?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Volume to mount: its name on the node of the task, which creates it if it is missing, and the path inside the container.
   * @default - none
   */
  readonly volume?: { readonly name: pulumi.Input<string>; readonly path: pulumi.Input<string> };
  /**
   * Secrets: files that the managers keep encrypted, and that are in memory where a task runs.
   * @default - none
   */
  readonly secrets?: readonly ServiceFile[];
  /**
   * Configs: files that the managers keep, readable by everyone with access to a manager's engine.
   * @default - none
   */
  readonly configs?: readonly ServiceFile[];
  /**
   * How tasks are changed when the service is.
   * @default - one after the other, with time between them for load balancers; a failure takes the update back
   */
  readonly update?: ServicePolicy;
  /**
   * How tasks are changed back by an update that fails, if its `failureAction` is `rollback`.
   * @default - one after the other; a failure pauses the rollback
   */
  readonly rollback?: ServicePolicy;
  /**
   * Labels of the service and its containers, in addition to `dockernet.project` and `dockernet.stack` of the program.
   * @default - none
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A service of a swarm, like `docker service create`: the swarm's managers decide where its tasks run, and replace those that
 * end, fail their health check or lose their node. Another name or swarm replaces it; every other change updates it in
 * place, one task after the other. A service of the same name of another owner is refused and not changed. Secrets and configs
 * belong to their service: they are created before it is, and removed after it.
 *
 * All outputs are known once every task runs and is healthy; an update that does not get there is taken back, and fails.
 *
 * @example
 * ```ts
 * import { SwarmCluster, SwarmService } from "dockernet";
 *
 * const address = "10.0.0.11";
 * const manager = { kind: "ssh", connection: { host: address, hostKey: "ssh-ed25519 AAAA…" } } as const;
 * const nodes = [{ nodeName: "node1", address, role: "manager", host: manager }] as const;
 * const { clusterId } = new SwarmCluster("swarm", { nodes });
 * const publish = [{ port: 8080, containerPort: 80 }];
 * new SwarmService("web", { serviceName: "web", manager, clusterId, image: "nginx:1.28-alpine", replicas: 2, publish });
 * ```
 */
export class SwarmService extends pulumi.ComponentResource {
  /** Id of the service. */
  readonly serviceId: pulumi.Output<string>;
  /** Name of the service. */
  readonly serviceName: pulumi.Output<string>;

  constructor(name: string, args: SwarmServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:SwarmService", name, {}, componentOptions(opts));
    const { healthTimeoutSec = 120, publish = [], update = {}, secrets = [], configs = [] } = args;
    const own = { project: pulumi.getProject(), stack: pulumi.getStack() };
    const known = checked(
      this,
      {
        serviceName: args.serviceName,
        image: args.image,
        networks: args.networks ?? [],
        replicas: args.replicas,
        maxPerNode: args.maxPerNode ?? 0,
        constraints: args.constraints ?? [],
        endpointMode: args.endpointMode ?? "dnsrr",
        publish,
        command: args.command ?? [],
        environment: args.environment ?? {},
        healthcheck: args.healthcheck,
        stopGraceSec: args.stopGraceSec,
        capabilities: args.capabilities ?? [],
        volume: args.volume,
        secrets,
        configs,
        update,
        rollback: args.rollback ?? {},
        labels: args.labels ?? {},
      },
      (shape) =>
        serviceProblem(shape as ServiceShape) ??
        filesProblem("secret", shape.secrets) ??
        filesProblem("config", shape.configs),
    );
    const shape = secrets.length + configs.length > 0 ? pulumi.secret(known) : known;
    const parts = pulumi
      .all([shape, args.clusterId])
      .apply(([known, clusterId]) =>
        serviceParts({ ...(known as ServiceShape), labels: { ...known.labels, ...stackLabels(own) } }, clusterId),
      );
    // An upper limit, if the number of tasks is not known yet.
    const replicas = typeof args.replicas === "number" ? args.replicas : undefined;
    const delaySec = updateDelaySec({ update, publish, replicas });
    const service = new HostScript(
      name,
      {
        host: args.manager,
        script: new URL("service.sh", import.meta.url),
        variables: {
          NAME: args.serviceName,
          SPEC: parts.apply(({ spec }) => spec),
          FILES: parts.apply(({ files }) => files),
          OWNER: ownerOf(own),
          CLUSTER: args.clusterId,
          WITHIN: String(healthTimeoutSec),
          DELAY: String(delaySec),
        },
        identity: ["NAME", "CLUSTER"],
        timeoutSec: healthTimeoutSec + delaySec * MOST_TASKS + MARGIN_SEC,
        expected: "[a-z0-9]{25}",
      },
      childOptions(opts, { parent: this }),
    );

    // The provider takes an output as secret if an input is.
    this.serviceId = pulumi.unsecret(service.stdout);
    this.serviceName = gated(args.serviceName, this.serviceId);
    this.registerOutputs({ serviceId: this.serviceId, serviceName: this.serviceName });
  }
}

/** Extra time for the script itself, in seconds. */
const MARGIN_SEC = 60;
/** Number of tasks whose delays the script may wait for. */
const MOST_TASKS = 100;
