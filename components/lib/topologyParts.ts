import { hostId, nodeId } from "./nodeId.ts";

/** What a topology has nodes of (stacks/topology.ts). */
export const NODE_KINDS = ["host", "container", "namespace", "network", "port", "member"] as const;
/** What joins them. */
export const LINK_KINDS = [
  "veth",
  "macvlan",
  "shares",
  "attached",
  "publish",
  "vxlan",
  "peer",
  "store",
  "link",
] as const;

interface PartNode {
  readonly id: string;
  readonly kind: (typeof NODE_KINDS)[number];
  readonly name: string;
  readonly in?: string;
  readonly facts: Record<string, string>;
}

interface PartLink {
  readonly kind: (typeof LINK_KINDS)[number];
  readonly from: string;
  readonly to: string;
  readonly facts: Record<string, string>;
}

/**
 * A part of a topology, as the component that makes it describes it: from plain values, so that it is known before anything is
 * made. `shared` are the nodes that other labs may have, too.
 */
export interface TopologyPart {
  readonly nodes?: readonly PartNode[];
  readonly shared?: readonly PartNode[];
  readonly links?: readonly PartLink[];
}

/** A host by its name; undefined is the one that runs Pulumi. */
export type On = string | undefined;

/** The networks that an engine has by itself. */
const ENGINE_NETWORKS = {
  bridge: { driver: "bridge", interface: "docker0" },
  none: { driver: "null" },
  host: { driver: "host" },
  /** The way out of containers of an overlay network, which the engine makes for the first one. */
  docker_gwbridge: { driver: "bridge", interface: "docker_gwbridge" },
};
type EngineNetwork = keyof typeof ENGINE_NETWORKS;

/** A node on a host. */
export const node = (kind: PartNode["kind"], name: string, on: On, facts: Record<string, string>): PartNode => ({
  id: nodeId(kind, name, on),
  kind,
  name,
  in: hostId(on),
  facts,
});

export const HERE: PartNode = { id: hostId(undefined), kind: "host", name: "this host", facts: {} };

/** What a practice node is on the host that runs Pulumi: the name of a container, or of a virtual machine. */
type Made = { readonly container: string } | { readonly machine: string };

/** A host of the environment; `made` is what it is, where it is a practice node. */
export const hostPart = (name: string, address: string, made?: Made): TopologyPart => ({
  shared: [
    {
      id: hostId(name),
      kind: "host",
      name,
      ...(made && "container" in made && { in: nodeId("container", made.container, undefined) }),
      facts: { address, ...(made && "machine" in made && { machine: made.machine }) },
    },
  ],
});

/** A user-defined network, on one host. */
export const networkPart = (name: string, facts: Record<string, string>, on?: string): TopologyPart => ({
  nodes: [node("network", name, on, facts)],
});

/** A macvlan network on this host, whose parent is this host's end of the cable to `lan`, a namespace of the outside. */
export const macvlanPart = (
  name: string,
  { parent, ...facts }: { readonly parent: string; readonly subnet: string; readonly gateway: string },
  lan: string,
): TopologyPart => {
  const network = node("network", name, undefined, { driver: "macvlan", ...facts, parent });
  const to = nodeId("namespace", lan, undefined);
  return { nodes: [network], links: [{ kind: "macvlan", from: network.id, to, facts: { fromInterface: parent } }] };
};

/** A container. */
export interface ContainerPart {
  readonly name: string;
  /** The service that it is an image of. */
  readonly image: string;
  /** The networks it is on: one of the engine's own, or a user-defined one. The first is its eth0. */
  readonly networks: readonly string[];
  /** The address that the settings give it on the first network. */
  readonly address?: string;
  /**
   * How it is connected to a user-defined network: by a cable to its bridge, or by a macvlan interface.
   * @default "veth"
   */
  readonly by?: "veth" | "macvlan";
  /** TCP port that it listens on. */
  readonly listens?: number;
  readonly on?: On;
}

/** A container and how it is connected. */
export function containerPart({
  name,
  image,
  networks,
  address,
  by = "veth",
  listens,
  on,
}: ContainerPart): TopologyPart {
  const facts = { image, ...(listens !== undefined && { listens: `${listens}/tcp` }) };
  const own = networks.filter((network): network is EngineNetwork => network in ENGINE_NETWORKS);
  const from = nodeId("container", name, on);
  const links = networks.flatMap((network, index): PartLink[] => {
    const attached: PartLink = { kind: "attached", from, to: nodeId("network", network, on), facts: {} };
    if (network === "none") return [attached];
    if (network === "host") return [{ ...attached, kind: "shares", to: hostId(on) }];
    const end = { fromInterface: `eth${index}`, ...(index === 0 && address !== undefined && { fromAddress: address }) };
    return [{ ...attached, kind: by, facts: end }];
  });
  return {
    nodes: [node("container", name, on, facts)],
    shared: own.map((network) => node("network", network, on, ENGINE_NETWORKS[network])),
    links,
  };
}

/** A port of a host, this one by default, that leads to a container's. */
export function publishPart(
  address: string,
  port: number,
  container: string,
  containerPort: number,
  on?: On,
): TopologyPart {
  const outside = node("port", `${address}:${port}`, on, { address, port: String(port) });
  const facts = { port: `${containerPort}/tcp` };
  return {
    nodes: [outside],
    links: [{ kind: "publish", from: outside.id, to: nodeId("container", container, on), facts }],
  };
}

/** One end of a cable: the interface and its address, with prefix length. */
export interface CableEnd {
  readonly interface: string;
  readonly address: string;
}

export const cable = (from: string, a: CableEnd, to: string, b: CableEnd): PartLink => ({
  kind: "veth",
  from,
  to,
  facts: { fromInterface: a.interface, fromAddress: a.address, toInterface: b.interface, toAddress: b.address },
});

/** A link of each two of the hosts, between what they have of one name. */
export const meshPart = <T extends { readonly name: string }>(
  kind: "vxlan" | "peer",
  hosts: readonly T[],
  end: (host: T) => string,
  facts: (from: T, to: T) => Record<string, string>,
): TopologyPart => {
  const between = kind === "vxlan" ? "network" : "member";
  const pairs = hosts.flatMap((from, index) => hosts.slice(index + 1).map((to) => [from, to] as const));
  const links = pairs.map(([from, to]) => ({
    kind,
    from: nodeId(between, end(from), from.name),
    to: nodeId(between, end(to), to.name),
    facts: facts(from, to),
  }));
  return { links };
};
