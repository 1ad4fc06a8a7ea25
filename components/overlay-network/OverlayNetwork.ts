import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { networkNameProblem } from "../lib/dockerNames.ts";
import { gated } from "../lib/gated.ts";
import { labelLines } from "../lib/labels.ts";
import { ownLabels } from "../lib/ownLabels.ts";
import { reservedProblem } from "../lib/ranges.ts";
import { meshPart, networkPart, type TopologyPart } from "../lib/topologyParts.ts";

/** An engine with a cluster store. */
export interface OverlayEngine {
  /** The engine's host, whose `docker` command reaches it. */
  readonly host: Host;
  /** URL of its store: {@link ClusterStoreEngine.store}. */
  readonly store: pulumi.Input<string>;
  /**
   * IPv4 address that the engine advertises. Endpoints on the network that a lost host or a lost engine has left in the
   * store are released, so that containers can have their names and addresses again. Give it for all engines or for none.
   * @default - none: they are not released
   */
  readonly address?: pulumi.Input<string>;
}

export interface OverlayNetworkArgs {
  /** The network's name on every engine. */
  readonly networkName: pulumi.Input<string>;
  /**
   * IPv4 block of the network in CIDR notation, for example `10.10.0.0/24`. It must not overlap a route of the hosts.
   */
  readonly subnet: pulumi.Input<string>;
  /** The engines, at least one; the network is created on the first. */
  readonly engines: readonly OverlayEngine[];
  /** Token of the etcd cluster behind the store. If the cluster changes, the network is replaced. */
  readonly clusterToken: pulumi.Input<string>;
  /**
   * Labels of the network, without spaces. An existing network of the same name with other labels is refused and not
   * changed.
   * @default - `dockernet.project` and `dockernet.stack` of the program
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** Pattern of a Docker object id. */
const NETWORK_ID = "[0-9a-f]{64}";

/**
 * An overlay network on engines that share a cluster store, like `docker network create -d overlay` on the first
 * engine. Its containers reach each other across hosts through VXLAN (RFC 7348).
 *
 * Give its containers fixed addresses where a host may be lost (`address` of {@link Container}): an engine goes on looking
 * for an address on the host that it was told of first, even if a container on another one has it later.
 *
 * All outputs are known once every engine shows the network.
 *
 * @example
 * ```ts
 * import { ClusterStoreEngine, EtcdCluster, OverlayNetwork } from "dockernet";
 *
 * const address = "10.0.0.11";
 * const host = { kind: "ssh", connection: { host: address, hostKey: "ssh-ed25519 AAAA…" } } as const;
 * const etcd = new EtcdCluster("etcd", { members: [{ memberName: "node1", address, host }] });
 * const { clientUrls, token: clusterToken, caCertificate, clientCertificate, clientKey } = etcd;
 * const credentials = { clusterToken, caCertificate, clientCertificate, clientKey };
 * const endpoint = clientUrls.apply((urls) => urls.node1 ?? "");
 * const { store } = new ClusterStoreEngine("engine", { host, endpoint, address, ...credentials });
 * new OverlayNetwork("demo", { networkName: "demo", subnet: "10.10.0.0/24", engines: [{ host, store }], clusterToken });
 * ```
 */
export class OverlayNetwork extends pulumi.ComponentResource {
  /** Id of the network, the same on every engine. */
  readonly networkId: pulumi.Output<string>;
  /** The network's name, to pass to a container on any of the engines. */
  readonly networkName: pulumi.Output<string>;
  /** IPv4 block of the network. */
  readonly subnet: pulumi.Output<string>;

  constructor(name: string, args: OverlayNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:OverlayNetwork", name, {}, componentOptions(opts));
    const [first, ...others] = args.engines;
    const { networkName, subnet } = args;
    const known = checked(this, { networkName, subnet, labels: args.labels ?? {} }, overlayProblem);
    if (!first) throw new pulumi.ResourceError("expected at least one engine, got none", this, true);

    const addresses = pulumi
      .all(args.engines.map(({ address = "" }) => address))
      .apply((all) => (all.includes("") ? [] : all));
    const endpoints = (index: number) => ({
      ADDRESS: addresses.apply((all) => all[index] ?? ""),
      ADDRESSES: addresses.apply((all) => all.join(" ")),
    });
    const network = new HostScript(
      name,
      {
        host: first.host,
        script: new URL("network.sh", import.meta.url),
        variables: {
          NAME: known.networkName,
          SUBNET: known.subnet,
          LABELS: ownLabels(known.labels).apply(labelLines),
          // Depends on all engines, so that each keeps its store until the network is deleted.
          STORE: pulumi.all(args.engines.map(({ store }) => store)).apply(([store = ""]) => store),
          CLUSTER: args.clusterToken,
          ...endpoints(0),
        },
        identity: ["NAME", "SUBNET", "LABELS", "CLUSTER"],
        expected: NETWORK_ID,
      },
      childOptions(opts, { parent: this }),
    );
    const id = network.stdout;
    const seen = others.map(
      ({ host, store }, index) =>
        new HostScript(
          `${name}-engine-${index + 2}`,
          {
            host,
            script: new URL("visible.sh", import.meta.url),
            variables: { NAME: known.networkName, ID: id, STORE: store, ...endpoints(index + 1) },
            expected: NETWORK_ID,
          },
          childOptions(opts, { parent: this }),
        ),
    );

    const ready = (value: pulumi.Input<string>) => gated(value, pulumi.all([id, ...seen.map(({ stdout }) => stdout)]));
    this.networkId = ready(id);
    this.networkName = ready(known.networkName);
    this.subnet = ready(known.subnet);
    this.registerOutputs({ networkId: this.networkId, networkName: this.networkName, subnet: this.subnet });
  }
}

function overlayProblem({
  networkName,
  subnet,
  labels,
}: {
  readonly networkName: string;
  readonly subnet: string;
  readonly labels: Readonly<Record<string, string>>;
}): string | undefined {
  const label = Object.entries(labels).find((each) => /\s/.test(each.join("")));
  return (
    reservedProblem(subnet) ??
    networkNameProblem(networkName) ??
    (label && `expected a label without spaces, got ${JSON.stringify(label)}`)
  );
}

/** IANA's port of VXLAN (RFC 7348), which Docker's overlay networks use. */
const VXLAN_PORT = 4789;

/** The network in a topology, on one of its hosts. */
export const overlayNetworkPart = (name: string, subnet: string, on: string): TopologyPart =>
  networkPart(name, { driver: "overlay", subnet }, on);

/** The tunnels between its hosts in a topology. */
export const overlayTunnelsPart = (
  name: string,
  hosts: readonly { readonly name: string; readonly address: string }[],
): TopologyPart =>
  meshPart(
    "vxlan",
    hosts,
    () => name,
    (from, to) => ({ fromAddress: from.address, toAddress: to.address, port: `${VXLAN_PORT}/udp` }),
  );
