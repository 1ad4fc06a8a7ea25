import type { Topology, TopologyLink, TopologyNode } from "../../stacks/topology.ts";

/** One step of a packet, from a node to the next one. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  /** The connection that it takes, in either direction; undefined where a host's kernel hands the packet on. */
  readonly link: TopologyLink | undefined;
  /** What carries it, in words. */
  readonly by: string;
}

/** Another network stack that one reaches without a router in between. */
export interface Neighbour {
  /** Id of the node whose stack it is. */
  readonly stack: string;
  readonly hops: readonly Hop[];
  /** The bridge that is first on the way; undefined for a cable. */
  readonly bridge: TopologyNode | undefined;
  /** Whether packets to everywhere else go there. */
  readonly router: boolean;
}

/** Who is cabled to whom in a topology. */
export interface Adjacency {
  /** The node of that id; throws where there is none. */
  readonly node: (id: string) => TopologyNode;
  /**
   * Id of the node that has the network stack of a container, namespace or host. A container with the host's
   * namespace has the host's, and a practice node is a host in a container: both have one stack, the host's.
   */
  readonly stackOf: (id: string) => string;
  /** The hops from a node to the stack that it has; none where it is its own. */
  readonly toStack: (id: string) => readonly Hop[];
  /** The same way back. */
  readonly fromStack: (id: string) => readonly Hop[];
  readonly neighbours: (stack: string) => readonly Neighbour[];
}

/**
 * The engine's network by which containers of overlay networks get out. It lets them out, and no packet in: its containers do
 * not reach each other there (enable_icc is false), and docker shows no address of it as a container's.
 */
export const WAY_OUT = "docker_gwbridge";

/** What a bridge is called: by the interface that it is, where every host has it by that name. */
export const bridgeOf = ({ name, facts }: TopologyNode): string => facts.interface ?? `the bridge of ${name}`;

export function adjacencyOf({ nodes, links }: Topology): Adjacency {
  const byId = new Map(nodes.map((each) => [each.id, each]));
  const node = (id: string): TopologyNode => {
    const found = byId.get(id);
    if (!found) throw new Error(`there is no node ${id} in the topology`);
    return found;
  };
  const linksOf = (kind: TopologyLink["kind"], id: string) =>
    links.filter((link) => link.kind === kind && (link.from === id || link.to === id));
  const plugsOf = (id: string) => [...linksOf("veth", id), ...linksOf("macvlan", id)];
  const otherEnd = ({ from, to }: TopologyLink, id: string) => node(from === id ? to : from);

  const hostIn = (id: string) => nodes.find((each) => each.kind === "host" && each.in === id);
  const shared = (id: string) => links.find(({ kind, from }) => kind === "shares" && from === id);
  const stackOf = (id: string): string => hostIn(id)?.id ?? shared(id)?.to ?? id;
  const toStack = (id: string): Hop[] => {
    const [stack, link] = [stackOf(id), shared(id)];
    const [self, { name }] = [node(id), node(stack)];
    const by = link
      ? `${self.name} has the network namespace of ${name}`
      : `the container ${self.name} is the host ${name}, a practice node`;
    return stack === id ? [] : [{ from: id, to: stack, link, by }];
  };
  const fromStack = (id: string): Hop[] => toStack(id).map((hop) => ({ ...hop, from: hop.to, to: hop.from }));

  /** From a bridge to all whose cables are in it and that may be spoken to there. */
  const members = (bridge: TopologyNode) =>
    (bridge.name === WAY_OUT ? [] : plugsOf(bridge.id)).map((link) => {
      const end = otherEnd(link, bridge.id);
      const by =
        link.kind === "veth" ? `veth cable from ${bridgeOf(bridge)} to ${end.name}` : `LAN of ${bridge.facts.parent}`;
      return { stack: stackOf(end.id), hops: [{ from: bridge.id, to: end.id, link, by }, ...toStack(end.id)] };
    });
  /** From a bridge of an overlay network to all whose cables are in its bridges on other hosts. */
  const remoteMembers = (bridge: TopologyNode) =>
    linksOf("vxlan", bridge.id).flatMap((link) => {
      const far = otherEnd(link, bridge.id);
      const by = `VXLAN tunnel to ${node(far.in ?? "").name}, in UDP packets to port 4789`;
      const tunnel = { from: bridge.id, to: far.id, link, by };
      return members(far).map(({ stack, hops }) => ({ stack, hops: [tunnel, ...hops] }));
    });

  /** The host of a bridge, which is the router of all that are on it; an overlay and a macvlan network have none. */
  const routers = (before: readonly Hop[], bridge: TopologyNode): Neighbour[] => {
    if (bridge.facts.driver === "overlay" || bridge.facts.driver === "macvlan") return [];
    const { id, name } = node(bridge.in ?? "");
    const { gateway } = bridge.facts;
    const by = `the address of that bridge${gateway ? `, ${gateway},` : ""} is one of ${name}`;
    return [{ stack: id, hops: [...before, { from: bridge.id, to: id, link: undefined, by }], bridge, router: true }];
  };

  const byCable = (stack: string, id: string): Neighbour[] =>
    plugsOf(id).flatMap((link): Neighbour[] => {
      const [other, inside] = [otherEnd(link, id), id === stack ? [] : fromStack(id)];
      if (other.kind !== "network") {
        const hop = { from: id, to: other.id, link, by: `veth cable to ${other.name}` };
        const hops = [...inside, hop, ...toStack(other.id)];
        return [{ stack: stackOf(other.id), hops, bridge: undefined, router: false }];
      }
      const by =
        link.kind === "veth" ? `veth cable to ${bridgeOf(other)}` : `macvlan interface on ${other.facts.parent}`;
      const before = [...inside, { from: id, to: other.id, link, by }];
      const others = [...members(other), ...remoteMembers(other)].map(
        ({ stack, hops }): Neighbour => ({ stack, hops: [...before, ...hops], bridge: other, router: false }),
      );
      return [...others, ...routers(before, other)];
    });

  /** From a host to all on its bridges. */
  const byRoute = ({ id, name }: TopologyNode): Neighbour[] =>
    nodes
      .filter((each) => each.kind === "network" && each.in === id && each.facts.driver === "bridge")
      .flatMap((bridge) => {
        const block = bridge.facts.subnet ?? "the block of that network";
        const by = `the routing table of ${name}: ${block} is on ${bridgeOf(bridge)}`;
        const first = { from: id, to: bridge.id, link: undefined, by };
        return members(bridge).map(({ stack, hops }) => ({ stack, hops: [first, ...hops], bridge, router: false }));
      });

  /** Hosts that are not made by the environment are on a network that was there before. */
  const hosts = nodes.filter((each) => each.kind === "host" && each.in === undefined);
  const byLan = ({ id, name }: TopologyNode): Neighbour[] =>
    hosts.map((other) => {
      const by = `the network that ${name} and ${other.name} are on`;
      return {
        stack: other.id,
        hops: [{ from: id, to: other.id, link: undefined, by }],
        bridge: undefined,
        router: false,
      };
    });

  const neighbours = (stack: string): Neighbour[] => {
    const self = node(stack);
    const found = [
      ...byCable(stack, stack),
      ...(self.kind === "host" && self.in !== undefined ? byCable(stack, self.in) : []),
      ...(self.kind === "host" ? byRoute(self) : []),
      ...(hosts.includes(self) ? byLan(self) : []),
    ];
    return found.filter((each) => each.stack !== stack);
  };
  return { node, stackOf, toStack, fromStack, neighbours };
}
