import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { readScript } from "../host-script/scriptText.ts";
import { type Credentials, credentialsProblem } from "../lib/certificates.ts";
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
  /** Client URL of a member of the etcd cluster, with its v2 API, for example `https://192.168.174.141:2379`. */
  readonly endpoint: pulumi.Input<string>;
  /**
   * The CAs of the etcd cluster, in PEM. For an endpoint with https, together with the other two. The engine would go on
   * without TLS if one was missing or damaged (`kv.cacertfile`, `kv.certfile`, `kv.keyfile` of `--cluster-store-opt`), so
   * that is refused.
   * @default "" (without TLS)
   */
  readonly caCertificate?: pulumi.Input<string>;
  /**
   * The certificate in PEM with which the engine asks etcd.
   * @default "" (without TLS)
   */
  readonly clientCertificate?: pulumi.Input<string>;
  /**
   * The private key of that certificate in PEM; a secret. On the host only root can read it.
   * @default "" (without TLS)
   */
  readonly clientKey?: pulumi.Input<string>;
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
 * start, the old configuration is restored. After each later start, endpoints that a crash of the host has left in the
 * store are removed, so that their containers start. Refused without a change: an engine newer than 20.10 or in Swarm
 * mode, etcd without its v2 API, an address that the host does not have.
 *
 * @example
 * ```ts
 * import { ClusterStoreEngine, EtcdCluster } from "dockernet";
 *
 * const address = "10.0.0.11";
 * const host = { kind: "ssh", connection: { host: address, hostKey: "ssh-ed25519 AAAA…" } } as const;
 * const etcd = new EtcdCluster("etcd", { members: [{ memberName: "node1", address, host }] });
 * const { clientUrls, token: clusterToken, caCertificate, clientCertificate, clientKey } = etcd;
 * const endpoint = clientUrls.apply((urls) => urls.node1 ?? "");
 * const credentials = { caCertificate, clientCertificate, clientKey };
 * export const { store } = new ClusterStoreEngine("engine", { host, endpoint, clusterToken, address, ...credentials });
 * ```
 */
export class ClusterStoreEngine extends pulumi.ComponentResource {
  /** The store's URL, for example `etcd://192.168.174.141:2379`. Known once the engine is registered in the store. */
  readonly store: pulumi.Output<string>;

  constructor(name: string, args: ClusterStoreEngineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:ClusterStoreEngine", name, {}, componentOptions(opts));
    const address = checked(this, args.address, addressProblem);
    const { caCertificate = "", clientCertificate: certificate = "", clientKey: key = "" } = args;
    const secure = args.clientKey !== undefined;
    const store = checked(this, { endpoint: args.endpoint, caCertificate, certificate, key, secure }, storeProblem);
    const listen = checked(this, args.listen ?? [], (sockets) => sockets.map(socketProblem).find(Boolean));

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("engine.sh", import.meta.url),
        variables: {
          ENDPOINT: store.endpoint,
          CA: store.caCertificate,
          CERTIFICATE: store.certificate,
          KEY: store.key,
          CLUSTER: args.clusterToken,
          ADDRESS: address,
          BOOT_SEC: pulumi
            .output((args.host.kind === "ssh" && args.host.slowness) || 1)
            .apply((slowness) => String(Math.ceil(BOOT_SEC * slowness))),
          PORT: pulumi.output(args.advertisePort ?? 2375).apply(String),
          LISTEN: listen.apply((sockets) => {
            for (const socket of sockets.filter((each) => each.startsWith("tcp:"))) {
              pulumi.log.warn(`engine ${name}: every client of ${socket} has root access to its host`, this);
            }
            return sockets.join(" ");
          }),
          OWNER: args.owner ?? "",
          STARTED,
        },
        identity: ["CLUSTER"],
        expected: "etcd://[A-Za-z0-9.-]+:[0-9]+",
      },
      childOptions(opts, { parent: this }),
    );

    // The key makes the whole text of the script a secret, and what it prints is none.
    this.store = pulumi.unsecret(script.stdout);
    this.registerOutputs({ store: this.store });
  }
}

/** What the engine's unit runs after each start. */
const STARTED = readScript(new URL("started.sh", import.meta.url));

/** Time for etcd to have a quorum after the host has started, in seconds; the engine starts without one after that. */
const BOOT_SEC = 45;

interface StoreSettings extends Credentials {
  readonly endpoint: string;
  /** Whether there are credentials; in the unit tests of a program, with Pulumi's mocks, they are empty. */
  readonly secure: boolean;
}

/** An error message if an endpoint and what is needed for it are invalid; undefined otherwise. */
function storeProblem({ endpoint, secure, ...credentials }: StoreSettings): string | undefined {
  const problem = endpointProblem(endpoint) ?? credentialsProblem(credentials);
  if (problem) return problem;
  if (endpoint.startsWith("https:") && !secure) {
    return `the endpoint ${endpoint} needs caCertificate, clientCertificate and clientKey, which are outputs of EtcdCluster`;
  }
  return endpoint.startsWith("http:") && credentials.key !== ""
    ? `the endpoint ${endpoint} is without TLS, and caCertificate, clientCertificate and clientKey are only for https`
    : undefined;
}

const addressProblem = (address: string) =>
  isAddress(address) ? undefined : `expected an IPv4 address to advertise, got ${JSON.stringify(address)}`;
