import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentOptions } from "./lib/childOptions.ts";
import { isEngineNetwork } from "./lib/dockerNames.ts";
import { gated } from "./lib/gated.ts";
import { healthProbe, NEVER_IN_PLACE, onlyCapabilities } from "./lib/hardened.ts";
import { labelInputs } from "./lib/labels.ts";

/** A TCP port of the host that leads to one of the container: what `docker run -p ADDRESS:PORT:CONTAINERPORT` says. */
export interface Publish {
  /**
   * IPv4 address of the host; `0.0.0.0` means every one, also those that a firewall such as ufw is thought to guard.
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
   * Its hostname. Not on the network `host`, where it has the host's.
   * @default - the engine's choice, the container's short id
   */
  readonly hostname?: pulumi.Input<string>;
  /** Id of the image, as {@link ServiceImage.imageId} gives it. */
  readonly image: pulumi.Input<string>;
  /**
   * Its network: `bridge` is the engine's default bridge, `none` no network, `host` the host's own (docker-run(1), `--network`);
   * any other name is that of a user-defined network, as {@link BridgeNetwork.networkName} gives it.
   */
  readonly network: pulumi.Input<string>;
  /**
   * Names by which other containers of a user-defined network reach it, beside its name on the engine.
   * @default - its hostname, if it is given one
   */
  readonly aliases?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Where the host answers for it.
   * @default - nowhere: only the container's own address leads to it
   */
  readonly publish?: Publish;
  /**
   * Command that exits 0 when the container is ready; run by `sh -c` inside it, every second until it does, and then twice a
   * minute.
   * @default - ready when it runs
   */
  readonly healthcheck?: pulumi.Input<string>;
  /**
   * Time to wait for the first passing health check, in seconds.
   * @default 60
   */
  readonly healthTimeoutSec?: pulumi.Input<number>;
  /**
   * Command and arguments.
   * @default - the image's own
   */
  readonly command?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Environment variables, beside the image's own.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * Kernel capabilities to add (capabilities(7)), without the `CAP_` prefix; all others are dropped.
   * @default - none
   */
  readonly capabilities?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Volume to mount, by its name on the engine, and the path inside the container.
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
 * A container on one network, without new privileges and with no capabilities but those named.
 *
 * Every container of a user-defined network but the first must depend on the one before it (`dependsOn`), so that it is started
 * when that one is ready, and removed before it. Up to version 28.0, an engine that removes two containers from one network at
 * once may lose count of its endpoints, and then refuses for good to remove the network (docs/decisions/teardown.md).
 *
 * All outputs are known only once the container runs, or once its health check passes.
 */
export class Container extends pulumi.ComponentResource {
  /** The container's id, which is another one when it is recreated. */
  readonly containerId: pulumi.Output<string>;
  /** The container's name on the engine. */
  readonly containerName: pulumi.Output<string>;
  /** Its IPv4 address when it was made or last refreshed; empty on the networks `none` and `host`. */
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
        init: true, // a shell that is process 1 would ignore the signal to stop
        ...readiness(args),
        labels: labelInputs(args.labels),
      },
      // The name and the port are free only when the old container is gone, also one whose start failed.
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

/** The mode is `bridge` beside a user-defined network: left out, it shows as a change at every preview (pulumi-docker#1272). */
const networking = ({ network, hostname, aliases = hostname === undefined ? [] : [hostname] }: ContainerArgs) => ({
  networkMode: pulumi.output(network).apply((name) => (isEngineNetwork(name) ? name : "bridge")),
  networksAdvanced: pulumi
    .all([network, aliases])
    .apply(([name, all]) => (isEngineNetwork(name) ? undefined : [{ name, ...(all.length > 0 && { aliases: all }) }])),
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
