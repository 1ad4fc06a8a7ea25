import { overlap } from "../../components/lib/cidr.ts";
import type { Topology, TopologyNode } from "../../stacks/topology.ts";
import { type Adjacency, adjacencyOf, bridgeOf, type Hop, type Neighbour, WAY_OUT } from "./adjacency.ts";

export type { Hop } from "./adjacency.ts";

/** A way that packets go from end to end, and their answers come back. */
export interface Open {
  readonly blocked?: undefined;
  readonly hops: readonly Hop[];
}

/** A way that ends before its time. */
export interface Blocked {
  /** Why, in a sentence without a full stop. */
  readonly blocked: string;
  /** The way up to there. */
  readonly hops: readonly Hop[];
  /** Id of the node that is the last to have the packet. */
  readonly at: string;
  /** Whether the packet is sent to another owner of that address, by a default route or on a network of the same block. */
  readonly astray: boolean;
}

export type Path = Open | Blocked;

/**
 * The way of a packet between two nodes of a topology, as Docker and the kernel are known to carry it: no host is
 * looked at. A network stands for the host's address on its bridge, a member of etcd for its host, a port for the
 * container behind it. Throws when the topology has no such node.
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
  // Of a practice node, which is a container and a host, the half that was not asked about is left out at either end.
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

/** From a port to the container behind it. */
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

/** From network stack to network stack, over routers as long as there are any. */
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
    // What a host forwards comes from a bridge of its engine, and leaves to another network than the engine's.
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

/** A packet at a network stack on its way. */
interface Stage {
  readonly stack: TopologyNode;
  readonly target: TopologyNode;
  /** The bridge by which it has come. */
  readonly entry: TopologyNode | undefined;
  /** Where it could go from here, and where it should. */
  readonly ways: readonly Neighbour[];
  readonly way: Neighbour | undefined;
  /** Where the target could be reached from. */
  readonly goals: readonly Neighbour[];
}

/** Why it goes no further. */
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

/** The parent of a macvlan network on a host, of which others are; undefined without one. */
const parentBetween = ({ id }: TopologyNode, others: readonly Neighbour[]): string | undefined =>
  others.find(({ bridge }) => bridge?.facts.driver === "macvlan" && bridge.in === id)?.bridge?.facts.parent;

function alone({ kind, name }: TopologyNode): string {
  if (kind === "host") return `no network of the environment leads to ${name}`;
  return kind === "container"
    ? `${name} is on the network none: it has no interface but lo`
    : `no cable leads to the namespace ${name}: it has no interface but lo`;
}

/** The network here that has one block with another one, which the target is on; undefined without one. */
function sameBlock(goals: readonly Neighbour[], ways: readonly Neighbour[]): string | undefined {
  const bridges = (all: readonly Neighbour[]) => all.flatMap(({ bridge }) => bridge ?? []);
  const clash = (a: TopologyNode, b: TopologyNode) =>
    a.facts.subnet && b.facts.subnet ? overlap(a.facts.subnet, b.facts.subnet) : a.name === b.name;
  return bridges(ways).find((own) => bridges(goals).some((other) => own.id !== other.id && clash(own, other)))?.name;
}
