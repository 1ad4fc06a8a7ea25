import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentOptions } from "./lib/childOptions.ts";
import { isEngineNetwork } from "./lib/dockerNames.ts";
import { gated } from "./lib/gated.ts";
import { healthProbe, NEVER_IN_PLACE, onlyCapabilities } from "./lib/hardened.ts";
import { labelInputs } from "./lib/labels.ts";

/** A published port, like `docker run -p ADDRESS:PORT:CONTAINERPORT`. */
export interface Publish {
  /**
   * IPv4 address of the host to listen on; `0.0.0.0` means all, and bypasses firewalls such as ufw.
   * @default "127.0.0.1"
   */
  readonly address?: pulumi.Input<string>;
  /** TCP port of the host, 1 to 65535. */
  readonly port: pulumi.Input<number>;
  /** TCP port inside the container, 1 to 65535. */
  readonly containerPort: pulumi.Input<number>;
}

export interface ContainerArgs {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Input<string>;
  /**
   * The container's hostname. Not allowed on the network `host`, where it has the host's.
   * @default - the container's short id
   */
  readonly hostname?: pulumi.Input<string>;
  /** Id of the image, such as {@link ServiceImage.imageId}. */
  readonly image: pulumi.Input<string>;
  /**
   * Network to join: `bridge` is the engine's default bridge, `none` no network, `host` the host's own (docker-run(1),
   * `--network`); any other value is the name of a user-defined network, such as {@link BridgeNetwork.networkName} or
   * {@link MacvlanNetwork.networkName}.
   */
  readonly network: pulumi.Input<string>;
  /**
   * IPv4 address on a user-defined network; the engine refuses one that another container has.
   * @default - the engine chooses one
   */
  readonly address?: pulumi.Input<string>;
  /**
   * DNS aliases on a user-defined network, in addition to the container's name.
   * @default - its hostname, if set
   */
  readonly aliases?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Port to publish.
   * @default - none: it is reachable only at its own address
   */
  readonly publish?: Publish;
  /**
   * Health check: a command that exits 0 when the container is ready. Runs with `sh -c` inside the container, every
   * second until it passes, then twice a minute.
   * @default - none: ready when it runs
   */
  readonly healthcheck?: pulumi.Input<string>;
  /**
   * Time to wait for the first passing health check, in seconds.
   * @default 60
   */
  readonly healthTimeoutSec?: pulumi.Input<number>;
  /**
   * Command and arguments.
   * @default - the image's command
   */
  readonly command?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Environment variables, in addition to the image's.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * Kernel capabilities to add, without the `CAP_` prefix (capabilities(7)); all others are dropped.
   * @default - none
   */
  readonly capabilities?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Volume to mount: its name on the engine, and the path inside the container.
   * @default - none
   */
  readonly volume?: { readonly name: pulumi.Input<string>; readonly path: pulumi.Input<string> };
  /**
   * Labels of the container.
   * @default - none
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A hardened container on one network: no new privileges, and only the listed capabilities.
 *
 * Every container of a user-defined network except the first must depend on the previous one (`dependsOn`), so that it
 * starts when that one is ready, and is removed before it. Engines up to 28.0 that remove two containers from one
 * network at the same time may lose count of its endpoints, and then refuse to remove the network
 * (docs/decisions/teardown.md).
 *
 * All outputs are known once the container runs and its health check, if any, passes.
 *
 * @example
 * ```ts
 * import { Container, ServiceImage } from "dockernet";
 *
 * const nginx = new ServiceImage("nginx", { source: { reference: "nginx:1.28-alpine" } });
 * export const { address } = new Container("web", {
 *   containerName: "my-web",
 *   image: nginx.imageId,
 *   network: "bridge",
 *   publish: { port: 8080, containerPort: 80 },
 *   capabilities: ["CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"],
 * });
 * ```
 */
export class Container extends pulumi.ComponentResource {
  /** The container's id; it changes when the container is recreated. */
  readonly containerId: pulumi.Output<string>;
  /** The container's name on the engine. */
  readonly containerName: pulumi.Output<string>;
  /** Its IPv4 address at creation or at the last refresh; empty on the networks `none` and `host`. */
  readonly address: pulumi.Output<string>;
  /** Its hostname. */
  readonly hostname: pulumi.Output<string>;

  constructor(name: string, args: ContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:Container", name, {}, componentOptions(opts));

    const container = new docker.Container(
      name,
      {
        name: args.containerName,
        hostname: args.hostname,
        image: args.image,
        command: args.command,
        envs: args.environment && environmentList(args.environment),
        ...networking(args),
        ports: args.publish && [publishedPort(args.publish)],
        volumes: args.volume && [{ volumeName: args.volume.name, containerPath: args.volume.path }],
        capabilities: pulumi.output(args.capabilities ?? []).apply(onlyCapabilities),
        securityOpts: ["no-new-privileges"],
        restart: "unless-stopped",
        init: true, // a shell as process 1 would ignore SIGTERM
        ...readiness(args),
        labels: labelInputs(args.labels),
      },
      // Name and port are free only after the old container is deleted, even one that failed to start.
      childOptions(opts, { parent: this, deleteBeforeReplace: true, replaceOnChanges: [...NEVER_IN_PLACE] }),
    );

    const ready = <T>(value: pulumi.Input<T>) => gated(value, container.id);
    this.containerId = container.id;
    this.containerName = ready(container.name);
    this.address = ready(container.networkDatas.apply((networks) => networks?.[0]?.ipAddress ?? ""));
    this.hostname = ready(container.hostname);
    const { containerId, containerName, address, hostname } = this;
    this.registerOutputs({ containerId, containerName, address, hostname });
  }
}

/** Network mode; `bridge` for a user-defined network: without it every preview shows a change (pulumi-docker#1272). */
const networking = ({
  network,
  address,
  hostname,
  aliases = hostname === undefined ? [] : [hostname],
}: ContainerArgs) => ({
  networkMode: pulumi.output(network).apply((name) => (isEngineNetwork(name) ? name : "bridge")),
  networksAdvanced: pulumi
    .all([network, aliases, address])
    .apply(([name, all, ipv4Address]) =>
      isEngineNetwork(name)
        ? undefined
        : [{ name, ...(all.length > 0 && { aliases: all }), ...(ipv4Address !== undefined && { ipv4Address }) }],
    ),
});

const publishedPort = ({ address = "127.0.0.1", port, containerPort }: Publish) => ({
  internal: containerPort,
  external: port,
  ip: address,
  protocol: "tcp",
});

const readiness = ({ healthcheck, healthTimeoutSec = 60 }: ContainerArgs) =>
  healthcheck === undefined
    ? {}
    : { healthcheck: pulumi.output(healthcheck).apply(healthProbe), wait: true, waitTimeout: healthTimeoutSec };

const environmentList = (environment: Readonly<Record<string, pulumi.Input<string>>>) =>
  Object.entries(environment)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => pulumi.interpolate`${key}=${value}`);
