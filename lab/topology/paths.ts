import { overlap } from "../../components/lib/cidr.ts";
import type { Topology, TopologyNode } from "../../stacks/topology.ts";
import { type Adjacency, adjacencyOf, bridgeOf, type Hop, type Neighbour, WAY_OUT } from "./adjacency.ts";

export type { Hop } from "./adjacency.ts";

/** A path of packets from end to end, and of the responses back. */
export interface Open {
  readonly blocked?: undefined;
  readonly hops: readonly Hop[];
}

/** A path that ends early. */
export interface Blocked {
  /** Why, in a sentence without a full stop. */
  readonly blocked: string;
  /** The hops up to that point. */
  readonly hops: readonly Hop[];
  /** Id of the last node that has the packet. */
  readonly at: string;
  /**
   * Whether the packet goes to another owner of that address, by a default route or on a network with the same block.
   */
  readonly astray: boolean;
}

export type Path = Open | Blocked;

/**
 * Returns the path of a packet between two nodes of a topology, as Docker and the kernel are known to forward it;
 * inspects no host. A network stands for the host's address on its bridge, a member of etcd for its host, a port for
 * the container behind it. Throws if the topology has no such node.
 */
export function pathBetween(topology: Topology, from: string, to: string): Path {
  const adjacency = adjacencyOf(topology);
  const [start, end] = [adjacency.node(from), adjacency.node(to)];
  if (from === to) return { hops: [] };
  const ports = portsOf(topology);
  if (start.kind === "port") {
    const hop = ports(start);
    if (hop?.to === to) return { hops: [hop] };
    const blocked = `the port ${start.name} leads to ${hop ? adjacency.node(hop.to).name : "no container"} and nowhere else`;
    return { blocked, hops: [], at: from, astray: false };
  }
  if (end.kind === "port") return toPort(adjacency, start, end, ports(end));
  const path = walk(adjacency, placeOf(start), placeOf(end));
  // A practice node is both a container and a host: at either end, drop the half that was not asked for.
  const hops = path.hops.slice(
    Math.max(
      0,
      path.hops.findLastIndex((hop) => hop.from === from),
    ),
  );
  const arrived = hops.findIndex((hop) => hop.to === to);
  return arrived < 0 ? { ...path, hops } : { hops: hops.slice(0, arrived + 1) };
}

const placeOf = ({ id, kind, in: inside }: TopologyNode): string =>
  (kind === "network" || kind === "member" ? inside : undefined) ?? id;

/** Returns the hop from a port to the container behind it. */
const portsOf =
  ({ links }: Topology) =>
  ({ id, name }: TopologyNode): Hop | undefined => {
    const link = links.find(({ kind, from }) => kind === "publish" && from === id);
    const by = `port mapping ${name}${link?.facts.port ? ` -> ${link.facts.port}` : ""}`;
    return link && { from: id, to: link.to, link, by };
  };

function toPort(adjacency: Adjacency, start: TopologyNode, port: TopologyNode, mapping: Hop | undefined): Path {
  const host = adjacency.node(port.in ?? "");
  const address = port.facts.address ?? port.name;
  const way = walk(adjacency, placeOf(start), host.id);
  if (way.blocked !== undefined) return way;
  if (address.startsWith("127.") && adjacency.stackOf(placeOf(start)) !== host.id) {
    const blocked = `${port.name} is a loopback address: only ${host.name} itself reaches it`;
    return { ...way, blocked, at: host.id, astray: false };
  }
  const hop = { from: host.id, to: port.id, link: undefined, by: `${port.name} is an address of ${host.name}` };
  return { hops: [...way.hops, hop, ...(mapping ? [mapping] : [])] };
}

/** Finds the path between two network stacks, through as many routers as needed. */
function walk(adjacency: Adjacency, from: string, to: string): Path {
  const target = adjacency.node(adjacency.stackOf(to));
  const goals = adjacency.neighbours(target.id);
  const hops: Hop[] = [...adjacency.toStack(from)];
  let stack = adjacency.node(adjacency.stackOf(from));
  let entry: TopologyNode | undefined;
  while (stack !== target) {
    const ways = adjacency.neighbours(stack.id);
    const way = ways.find((each) => each.stack === target.id) ?? ways.find(({ router }) => router);
    const trouble = troubleOf(adjacency, { stack, target, entry, ways, way, goals });
    if (trouble) return { ...trouble, hops, at: stack.id };
    const [first, ...rest] = way?.hops ?? [];
    // A host forwards packets that come from a bridge of its engine and leave to another network than the engine's.
    if (first) hops.push(entry ? masqueraded(first, stack) : first, ...rest);
    entry = way?.bridge;
    stack = adjacency.node(way?.stack ?? "");
  }
  return { hops: [...hops, ...adjacency.fromStack(to)] };
}

const masqueraded = (hop: Hop, { name }: TopologyNode): Hop => ({
  ...hop,
  by: `NAT: MASQUERADE to the address of ${name}, and ${hop.by}`,
});

/** A packet at a network stack on its path. */
interface Stage {
  readonly stack: TopologyNode;
  readonly target: TopologyNode;
  /** The bridge by which it arrived. */
  readonly entry: TopologyNode | undefined;
  /** The possible next stacks, and the one to take. */
  readonly ways: readonly Neighbour[];
  readonly way: Neighbour | undefined;
  /** The stacks from which the target is reachable. */
  readonly goals: readonly Neighbour[];
}

/** Returns why the packet goes no further; undefined if it does. */
function troubleOf(adjacency: Adjacency, stage: Stage): Pick<Blocked, "blocked" | "astray"> | undefined {
  const { stack, target, entry, ways, way, goals } = stage;
  const dropped = (blocked: string) => ({ blocked, astray: false });
  if (ways.length === 0) return dropped(alone(stack));
  if (goals.length === 0) return dropped(alone(target));
  const bridge = way?.bridge;
  if (entry && bridge && entry !== bridge && entry.in === bridge.in) {
    const chains = `the chains DOCKER-ISOLATION of ${stack.name}`;
    return dropped(`${chains} drop what goes from ${bridgeOf(entry)} to ${bridgeOf(bridge)}`);
  }
  if (way?.stack === target.id) return undefined;
  const parent = parentBetween(stack, goals) ?? parentBetween(target, ways);
  if (parent !== undefined && way === undefined) {
    return dropped(
      `a host does not reach the containers of a macvlan network through its parent ${parent}, nor they it`,
    );
  }
  const double = target.kind === "host" ? undefined : sameBlock(goals, ways);
  if (double) return { blocked: `${stack.name} looks for the address on its own network ${double}`, astray: true };
  if (way) return undefined;
  const names = (all: readonly string[]) => [...new Set(all)].join(" and ");
  if (stack.kind === "namespace") {
    const peers = names(ways.map((each) => adjacency.node(each.stack).name));
    return dropped(`${stack.name} has no default route: its cable leads to ${peers} and no further`);
  }
  const places = goals.flatMap(({ bridge }) => {
    if (bridge?.name === WAY_OUT) return [];
    return bridge
      ? `the network ${bridge.name} of ${adjacency.node(bridge.in ?? "").name}`
      : `the cable of ${target.name}`;
  });
  return { blocked: `no route of ${stack.name} leads to ${names(places)}`, astray: true };
}

/** Returns the parent of a macvlan network that is on a host and that others are on; undefined if there is none. */
const parentBetween = ({ id }: TopologyNode, others: readonly Neighbour[]): string | undefined =>
  others.find(({ bridge }) => bridge?.facts.driver === "macvlan" && bridge.in === id)?.bridge?.facts.parent;

function alone({ kind, name }: TopologyNode): string {
  if (kind === "host") return `no network of the environment leads to ${name}`;
  return kind === "container"
    ? `${name} is on the network none: it has no interface but lo`
    : `no cable leads to the namespace ${name}: it has no interface but lo`;
}

/** Returns the network here whose block overlaps with that of the target's network; undefined if there is none. */
function sameBlock(goals: readonly Neighbour[], ways: readonly Neighbour[]): string | undefined {
  const bridges = (all: readonly Neighbour[]) => all.flatMap(({ bridge }) => bridge ?? []);
  const clash = (a: TopologyNode, b: TopologyNode) =>
    a.facts.subnet && b.facts.subnet ? overlap(a.facts.subnet, b.facts.subnet) : a.name === b.name;
  return bridges(ways).find((own) => bridges(goals).some((other) => own.id !== other.id && clash(own, other)))?.name;
}
