import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { isAddress } from "../lib/cidr.ts";
import { socketProblem } from "../lib/dockerNames.ts";
import { endpointProblem } from "../lib/etcd.ts";

export interface ClusterStoreEngineArgs {
  /**
   * The host of the engine, which systemd runs as docker.service, with the program etcdctl beside it. Version 20.10
   * of Docker is the last that has cluster stores. The script needs root there.
   */
  readonly host: Host;
  /** Client URL of a member of the etcd cluster, with its v2 API, for example `http://192.168.174.141:2379`. */
  readonly endpoint: pulumi.Input<string>;
  /** Token of the etcd cluster. With another cluster behind it the engine gets its store anew. */
  readonly clusterToken: pulumi.Input<string>;
  /** IPv4 address that the other engines reach this host at; one of its own. */
  readonly address: pulumi.Input<string>;
  /**
   * TCP port that is advertised with the address. Nothing need listen on it.
   * @default 2375
   */
  readonly advertisePort?: pulumi.Input<number>;
  /**
   * Sockets to listen on beside those of the unit, for example `tcp://0.0.0.0:2375`. Who reaches one is root on the
   * host, so a TCP socket is warned of.
   * @default - none: the engine is reached over SSH
   */
  readonly listen?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Who sets it, as `project/stack`: written into the drop-in, for whoever finds it there.
   * @default - nobody is named
   */
  readonly owner?: pulumi.Input<string>;
}

/**
 * An engine that keeps its global networks in etcd (`--cluster-store`, `--cluster-advertise`), by a drop-in of
 * docker.service. The engine is restarted for it, and again when this is removed; running containers live through both
 * unless daemon.json sets live-restore to false, in which case they are started again. An engine that does not come up
 * with it gets its old configuration back. Refused, and left alone: an engine after 20.10 or in Swarm mode, etcd without
 * its v2 API, an address that is not the host's.
 */
export class ClusterStoreEngine extends pulumi.ComponentResource {
  /** The store's URL, for example `etcd://192.168.174.141:2379`. Known once engine and store know each other. */
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
              pulumi.log.warn(`engine ${name}: whoever reaches ${socket} is root on its host`, this);
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
