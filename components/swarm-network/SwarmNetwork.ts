import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { networkNameProblem } from "../lib/dockerNames.ts";
import { gated } from "../lib/gated.ts";
import { labelLines } from "../lib/labels.ts";
import { ownLabels } from "../lib/ownLabels.ts";
import { reservedProblem } from "../lib/ranges.ts";

/** A node whose containers are to join a network. */
export interface SwarmNetworkUser {
  /** The node's host. */
  readonly host: Host;
  /** Id of an image on its engine that has the command `true`: a container of it joins the network and ends. */
  readonly image: pulumi.Input<string>;
}

export interface SwarmNetworkArgs {
  /** The network's name. */
  readonly networkName: pulumi.Input<string>;
  /** Host of a manager of the swarm. */
  readonly manager: Host;
  /** Id of the swarm: {@link SwarmCluster.clusterId}. If it changes, the network is replaced. */
  readonly clusterId: pulumi.Input<string>;
  /**
   * IPv4 block of the network in CIDR notation. It must not overlap a route of the hosts.
   * @default - the engine chooses one from the swarm's pools
   */
  readonly subnet?: pulumi.Input<string>;
  /**
   * Whether containers may join the network, not only tasks of services.
   * @default true
   */
  readonly attachable?: pulumi.Input<boolean>;
  /**
   * Whether packets between hosts are encrypted (IPsec ESP). Every host's kernel needs ESP (`esp4`): without it an engine makes
   * the network all the same, and no packet arrives. So a manager or user whose kernel has none is refused.
   * @default false
   */
  readonly encrypted?: pulumi.Input<boolean>;
  /**
   * Largest packet of the network in bytes, 576 to 65485. VXLAN adds 50 bytes, which the network between the hosts must carry.
   * @default - the engine's: 1450
   */
  readonly mtu?: pulumi.Input<number>;
  /**
   * Nodes on which the network must be usable before its outputs are known: an engine that is no manager shows it only
   * while a container is on it.
   * @default - none
   */
  readonly users?: readonly SwarmNetworkUser[];
  /**
   * Labels of the network, without spaces. An existing network of the same name with other labels is refused and not
   * changed.
   * @default - `dockernet.project` and `dockernet.stack` of the program
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * An overlay network of a swarm, like `docker network create -d overlay --attachable` on a manager. The managers keep it; its
 * containers reach each other across hosts through VXLAN (RFC 7348). Any change replaces it.
 *
 * All outputs are known once a container of each user has joined it.
 *
 * @example
 * ```ts
 * import { SwarmCluster, SwarmNetwork } from "dockernet";
 *
 * const address = "10.0.0.11";
 * const host = { kind: "ssh", connection: { host: address, hostKey: "ssh-ed25519 AAAA…" } } as const;
 * const { clusterId } = new SwarmCluster("swarm", { nodes: [{ nodeName: "node1", address, role: "manager", host }] });
 * new SwarmNetwork("demo", { networkName: "demo", subnet: "10.10.0.0/24", manager: host, clusterId });
 * ```
 */
export class SwarmNetwork extends pulumi.ComponentResource {
  /** Id of the network, the same on every node. */
  readonly networkId: pulumi.Output<string>;
  /** The network's name, to pass to a container or service. */
  readonly networkName: pulumi.Output<string>;

  constructor(name: string, args: SwarmNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:SwarmNetwork", name, {}, componentOptions(opts));
    const { networkName, subnet = "", mtu = 0, labels = {} } = args;
    const known = checked(this, { networkName, subnet, mtu, labels }, networkProblem);
    const ENCRYPTED = pulumi.output(args.encrypted ?? false).apply(String);
    const network = new HostScript(
      name,
      {
        host: args.manager,
        script: new URL("network.sh", import.meta.url),
        variables: {
          NAME: known.networkName,
          SUBNET: known.subnet,
          ATTACHABLE: pulumi.output(args.attachable ?? true).apply(String),
          ENCRYPTED,
          MTU: known.mtu.apply((size) => (size === 0 ? "" : String(size))),
          LABELS: ownLabels(known.labels).apply(labelLines),
          CLUSTER: args.clusterId,
        },
        identity: ["NAME", "SUBNET", "ATTACHABLE", "ENCRYPTED", "MTU", "LABELS", "CLUSTER"],
        expected: "[a-z0-9]{25}",
      },
      childOptions(opts, { parent: this }),
    );
    const used = (args.users ?? []).map(
      ({ host, image }, index) =>
        new HostScript(
          `${name}-user-${index + 1}`,
          {
            host,
            script: new URL("usable.sh", import.meta.url),
            variables: { NAME: known.networkName, ID: network.stdout, ENCRYPTED, IMAGE: image },
            expected: "[a-z0-9]{25}",
          },
          childOptions(opts, { parent: this }),
        ).stdout,
    );

    const ready = (value: pulumi.Input<string>) => gated(value, pulumi.all([network.stdout, ...used]));
    this.networkId = ready(network.stdout);
    this.networkName = ready(known.networkName);
    this.registerOutputs({ networkId: this.networkId, networkName: this.networkName });
  }
}

function networkProblem({
  networkName,
  subnet,
  mtu,
  labels,
}: {
  readonly networkName: string;
  readonly subnet: string;
  readonly mtu: number;
  readonly labels: Readonly<Record<string, string>>;
}): string | undefined {
  const label = Object.entries(labels).find((each) => /\s/.test(each.join("")));
  const isMtu = mtu === 0 || (Number.isInteger(mtu) && mtu >= 576 && mtu <= 65_485);
  return (
    networkNameProblem(networkName) ??
    (subnet === "" ? undefined : reservedProblem(subnet)) ??
    (isMtu ? undefined : `expected an MTU of 576 to 65485 bytes, got ${mtu}`) ??
    (label && `expected a label without spaces, got ${JSON.stringify(label)}`)
  );
}
