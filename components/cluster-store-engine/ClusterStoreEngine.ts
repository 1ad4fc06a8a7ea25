import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { isAddress } from "../lib/cidr.ts";
import { socketProblem } from "../lib/dockerNames.ts";
import { endpointProblem } from "../lib/etcd.ts";

export interface ClusterStoreEngineArgs {
  /**
   * The engine's host. It must run the engine as docker.service with systemd, and have the program etcdctl. Docker
   * 20.10 is the last version with cluster stores. The script needs root.
   */
  readonly host: Host;
  /** Client URL of a member of the etcd cluster, with its v2 API, for example `http://192.168.174.141:2379`. */
  readonly endpoint: pulumi.Input<string>;
  /** Token of the etcd cluster. If the cluster changes, the store is configured again. */
  readonly clusterToken: pulumi.Input<string>;
  /** IPv4 address at which the other engines reach this host; one of its interfaces must have it. */
  readonly address: pulumi.Input<string>;
  /**
   * TCP port to advertise with the address. Nothing needs to listen on it.
   * @default 2375
   */
  readonly advertisePort?: pulumi.Input<number>;
  /**
   * Sockets for the engine to listen on, in addition to the unit's, for example `tcp://0.0.0.0:2375`. Every client of a
   * socket has root access to the host, so a TCP socket causes a warning.
   * @default - none: the engine is reached over SSH
   */
  readonly listen?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Owner mark, as `project/stack`, written into the drop-in.
   * @default - no mark
   */
  readonly owner?: pulumi.Input<string>;
}

/**
 * Configures a Docker engine to keep its global networks in etcd (`--cluster-store`, `--cluster-advertise`), with a
 * drop-in of docker.service. The engine is restarted, and again when this resource is deleted. Running containers
 * survive both restarts; if daemon.json sets live-restore to false, they are started again. If the engine does not
 * start, the old configuration is restored. Refused without a change: an engine newer than 20.10 or in Swarm mode, etcd
 * without its v2 API, an address that the host does not have.
 *
 * @example
 * ```ts
 * import { ClusterStoreEngine, EtcdCluster } from "dockernet";
 *
 * const address = "10.0.0.11";
 * const host = { kind: "ssh", connection: { host: address, hostKey: "ssh-ed25519 AAAA…" } } as const;
 * const etcd = new EtcdCluster("etcd", { members: [{ memberName: "node1", address, host }] });
 * const endpoint = etcd.clientUrls.apply((urls) => urls.node1 ?? "");
 * export const { store } = new ClusterStoreEngine("engine", { host, endpoint, clusterToken: etcd.token, address });
 * ```
 */
export class ClusterStoreEngine extends pulumi.ComponentResource {
  /** The store's URL, for example `etcd://192.168.174.141:2379`. Known once the engine is registered in the store. */
  readonly store: pulumi.Output<string>;

  constructor(name: string, args: ClusterStoreEngineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:ClusterStoreEngine", name, {}, componentOptions(opts));
    const address = checked(this, args.address, addressProblem);
    const endpoint = checked(this, args.endpoint, endpointProblem);
    const listen = checked(this, args.listen ?? [], (sockets) => sockets.map(socketProblem).find(Boolean));

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("engine.sh", import.meta.url),
        variables: {
          ENDPOINT: endpoint,
          CLUSTER: args.clusterToken,
          ADDRESS: address,
          PORT: pulumi.output(args.advertisePort ?? 2375).apply(String),
          LISTEN: listen.apply((sockets) => {
            for (const socket of sockets.filter((each) => each.startsWith("tcp:"))) {
              pulumi.log.warn(`engine ${name}: every client of ${socket} has root access to its host`, this);
            }
            return sockets.join(" ");
          }),
          OWNER: args.owner ?? "",
        },
        identity: ["CLUSTER"],
        expected: "etcd://[A-Za-z0-9.-]+:[0-9]+",
      },
      childOptions(opts, { parent: this }),
    );

    this.store = script.stdout;
    this.registerOutputs({ store: this.store });
  }
}

const addressProblem = (address: string) =>
  isAddress(address) ? undefined : `expected an IPv4 address to advertise, got ${JSON.stringify(address)}`;
