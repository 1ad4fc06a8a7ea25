import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { networkNameProblem } from "../lib/dockerNames.ts";
import { labelLines } from "../lib/labels.ts";
import { ownLabels } from "../lib/ownLabels.ts";
import { reservedProblem } from "../lib/ranges.ts";
import { meshPart, networkPart, type TopologyPart } from "../lib/topologyParts.ts";

/** An engine whose networks are in the cluster store. */
export interface OverlayEngine {
  readonly host: Host;
  /** Its store, as {@link ClusterStoreEngine.store} gives it. */
  readonly store: pulumi.Input<string>;
}

export interface OverlayNetworkArgs {
  /** The network's name on every engine. */
  readonly networkName: pulumi.Input<string>;
  /** IPv4 block of the network in CIDR notation, for example `10.10.0.0/24`. It must overlap no route of the hosts. */
  readonly subnet: pulumi.Input<string>;
  /** The engines, of which the first one makes the network. */
  readonly engines: readonly OverlayEngine[];
  /** Token of the etcd cluster that the store is. With another cluster behind it this is another network. */
  readonly clusterToken: pulumi.Input<string>;
  /**
   * Labels of the network, without spaces: a network of the same name with others is refused and left alone.
   * @default - `dockernet.project` and `dockernet.stack`, those of the program
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** An id of Docker's. */
const NETWORK_ID = "[0-9a-f]{64}";

/**
 * An overlay network of engines that share a cluster store: `docker network create -d overlay` on the first one. Its
 * containers reach each other on whichever host they are, through VXLAN (RFC 7348).
 *
 * All outputs are known only once every engine shows the network.
 */
export class OverlayNetwork extends pulumi.ComponentResource {
  /** Id of the network, the same on every engine. */
  readonly networkId: pulumi.Output<string>;
  /** The name to give to a container, on any of the engines. */
  readonly networkName: pulumi.Output<string>;
  /** IPv4 block of the network. */
  readonly subnet: pulumi.Output<string>;

  constructor(name: string, args: OverlayNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:OverlayNetwork", name, {}, componentOptions(opts));
    const [first, ...others] = args.engines;
    const { networkName, subnet } = args;
    const known = checked(this, { networkName, subnet, labels: args.labels ?? {} }, overlayProblem);
    if (!first) throw new pulumi.ResourceError("expected an engine, got none", this, true);

    const network = new HostScript(
      name,
      {
        host: first.host,
        script: new URL("network.sh", import.meta.url),
        variables: {
          NAME: known.networkName,
          SUBNET: known.subnet,
          LABELS: ownLabels(known.labels).apply(labelLines),
          // Of all engines, so that each keeps its store until the network is gone.
          STORE: pulumi.all(args.engines.map(({ store }) => store)).apply(([store = ""]) => store),
          CLUSTER: args.clusterToken,
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
            variables: { NAME: known.networkName, ID: id, STORE: store },
            expected: NETWORK_ID,
          },
          childOptions(opts, { parent: this }),
        ),
    );

    const ready = (value: pulumi.Input<string>) =>
      pulumi.all([value, id, pulumi.all(seen.map(({ stdout }) => stdout))]).apply(([each]) => each);
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
