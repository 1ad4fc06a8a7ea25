import { machineId, nodeId } from "../components/lib/nodeId.ts";
import type { ServiceName } from "./images.ts";
import { Topology, type TopologyLink, type TopologyNode } from "./topology.ts";

/** A part of a topology, as what makes the thing states it; `shared` are the nodes that other labs may have, too. */
export interface Part {
  readonly nodes?: readonly TopologyNode[];
  readonly shared?: readonly TopologyNode[];
  readonly links?: readonly TopologyLink[];
}

/** A machine by its name among the hosts; undefined is the one that runs Pulumi. */
type On = string | undefined;

/** The networks that an engine has by itself. */
const ENGINE_NETWORKS = {
  bridge: { driver: "bridge", interface: "docker0" },
  none: { driver: "null" },
  host: { driver: "host" },
  /** The way out of containers of an overlay network, which the engine makes for the first one. */
  docker_gwbridge: { driver: "bridge", interface: "docker_gwbridge" },
};
type EngineNetwork = keyof typeof ENGINE_NETWORKS;

/** A node on a machine. */
const node = (kind: TopologyNode["kind"], name: string, on: On, facts: Record<string, string>): TopologyNode => ({
  id: nodeId(kind, name, on),
  kind,
  name,
  in: machineId(on),
  facts,
});

const HERE: TopologyNode = { id: machineId(undefined), kind: "machine", name: "this machine", facts: {} };

/** A machine of the environment; `container` is the one that it is, where it is a practice node. */
export const machinePart = (name: string, address: string, container?: string): Part => ({
  shared: [
    {
      id: machineId(name),
      kind: "machine",
      name,
      ...(container !== undefined && { in: nodeId("container", container, undefined) }),
      facts: { address },
    },
  ],
});

/** A user-defined network, on one machine. */
export const networkPart = (name: string, facts: Record<string, string>, on?: string): Part => ({
  nodes: [node("network", name, on, facts)],
});

/** A container. */
export interface ContainerPart {
  readonly name: string;
  readonly image: ServiceName;
  /** The networks it is on: one of the engine's own, or a user-defined one. The first is its eth0. */
  readonly networks: readonly string[];
  /** The address that the settings give it on the first network. */
  readonly address?: string;
  /** TCP port that it listens on. */
  readonly listens?: number;
  readonly on?: On;
}

/** A container and how it is connected. */
export function containerPart({ name, image, networks, address, listens, on }: ContainerPart): Part {
  const facts = { image, ...(listens !== undefined && { listens: `${listens}/tcp` }) };
  const own = networks.filter((network): network is EngineNetwork => network in ENGINE_NETWORKS);
  const from = nodeId("container", name, on);
  const links = networks.flatMap((network, index): TopologyLink[] => {
    const attached: TopologyLink = { kind: "attached", from, to: nodeId("network", network, on), facts: {} };
    if (network === "none") return [attached];
    if (network === "host") return [{ ...attached, kind: "shares", to: machineId(on) }];
    const end = { fromInterface: `eth${index}`, ...(index === 0 && address !== undefined && { fromAddress: address }) };
    return [{ ...attached, kind: "veth", facts: end }];
  });
  return {
    nodes: [node("container", name, on, facts)],
    shared: own.map((network) => node("network", network, on, ENGINE_NETWORKS[network])),
    links,
  };
}

/** A port of this machine that leads to a container's. */
export function publishPart(address: string, port: number, container: string, containerPort: number): Part {
  const outside = node("port", `${address}:${port}`, undefined, { address, port: String(port) });
  const facts = { port: `${containerPort}/tcp` };
  return {
    nodes: [outside],
    links: [{ kind: "publish", from: outside.id, to: nodeId("container", container, undefined), facts }],
  };
}

/** A legacy link of containers. */
export const linkPart = (from: string, to: string, alias: string): Part => ({
  links: [
    {
      kind: "link",
      from: nodeId("container", from, undefined),
      to: nodeId("container", to, undefined),
      facts: { alias },
    },
  ],
});

/** One end of a cable between network namespaces: the interface and its address, with prefix length. */
export interface End {
  readonly namespace: string;
  readonly interface: string;
  readonly address: string;
}

/** Two network namespaces of a machine and the cable between them. */
export function cablePart(from: End, to: End, on: On): Part {
  const [a, b] = [from, to].map(({ namespace }) => node("namespace", namespace, on, {})) as [
    TopologyNode,
    TopologyNode,
  ];
  return { nodes: [a, b], links: [cable(a.id, from, b.id, to)] };
}

/** A namespace outside of all machines, which a container of its name keeps, and the cable to it from this one. */
export function outsidePart(here: Omit<End, "namespace">, outside: End, listens: number): Part {
  const { namespace: keeper } = outside;
  const { in: _, ...far } = node("namespace", keeper, undefined, { listens: `${listens}/tcp`, keeper });
  return { nodes: [far], links: [cable(HERE.id, here, far.id, outside)] };
}

const cable = (from: string, a: Omit<End, "namespace">, to: string, b: Omit<End, "namespace">): TopologyLink => ({
  kind: "veth",
  from,
  to,
  facts: { fromInterface: a.interface, fromAddress: a.address, toInterface: b.interface, toAddress: b.address },
});

/** The member of an etcd cluster on a machine, whose engine keeps its networks there. */
export function memberPart(name: string, client: string, peer: string): Part {
  const member = node("member", name, name, { client, peer });
  return { nodes: [member], links: [{ kind: "store", from: machineId(name), to: member.id, facts: { url: client } }] };
}

/** A link of each two of the machines, between what they have of one name. */
export const meshPart = <T extends { readonly name: string }>(
  kind: "vxlan" | "peer",
  machines: readonly T[],
  end: (machine: T) => string,
  facts: (from: T, to: T) => Record<string, string>,
): Part => {
  const between = kind === "vxlan" ? "network" : "member";
  const pairs = machines.flatMap((from, index) => machines.slice(index + 1).map((to) => [from, to] as const));
  const links = pairs.map(([from, to]) => ({
    kind,
    from: nodeId(between, end(from), from.name),
    to: nodeId(between, end(to), to.name),
    facts: facts(from, to),
  }));
  return { links };
};

/** Joins the parts of all labs, by the labs' names; what they share is in it once. */
export function joinParts(labs: readonly { readonly name: string; readonly parts: readonly Part[] }[]): Topology {
  const all = labs.flatMap(({ name, parts }) => parts.map((part) => ({ lab: name, ...part })));
  const shared = new Map([HERE, ...all.flatMap((part) => part.shared ?? [])].map((each) => [each.id, each]));
  return Topology.parse({
    nodes: [...shared.values(), ...all.flatMap(({ lab, nodes = [] }) => nodes.map((each) => ({ ...each, lab })))],
    links: all.flatMap(({ links = [] }) => links),
  });
}
