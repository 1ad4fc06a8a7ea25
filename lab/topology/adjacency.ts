import type { Topology, TopologyLink, TopologyNode } from "../../stacks/topology.ts";

/** One step of a packet, from a node to the next. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  /** The link that it takes, in either direction; undefined if a host's kernel forwards the packet. */
  readonly link: TopologyLink | undefined;
  /** Describes what carries it. */
  readonly by: string;
}

/** Another network stack that is reachable without a router. */
export interface Neighbour {
  /** Id of the node whose stack it is. */
  readonly stack: string;
  readonly hops: readonly Hop[];
  /** The first bridge on the path; undefined for a cable. */
  readonly bridge: TopologyNode | undefined;
  /** Whether packets to all other addresses go there. */
  readonly router: boolean;
}

/** The connections between the network stacks of a topology. */
export interface Adjacency {
  /** Returns the node of that id; throws if there is none. */
  readonly node: (id: string) => TopologyNode;
  /**
   * Returns the id of the node that has the network stack of a container, namespace or host. A container with the
   * host's namespace has the host's, and a practice node is a host in a container: both have one stack, the host's.
   */
  readonly stackOf: (id: string) => string;
  /** Returns the hops from a node to its stack; none if the node is the stack. */
  readonly toStack: (id: string) => readonly Hop[];
  /** Returns the same hops in reverse. */
  readonly fromStack: (id: string) => readonly Hop[];
  readonly neighbours: (stack: string) => readonly Neighbour[];
}

/**
 * The engine's network for outgoing packets of containers on overlay networks. It lets no packet in: its containers do
 * not reach each other there (enable_icc is false), and docker shows none of its addresses for a container.
 */
export const WAY_OUT = "docker_gwbridge";

/** Returns the name of a bridge: its interface if that has the same name on every host. */
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

  /** Returns what is cabled to a bridge and reachable through it. */
  const members = (bridge: TopologyNode) =>
    (bridge.name === WAY_OUT ? [] : plugsOf(bridge.id)).map((link) => {
      const end = otherEnd(link, bridge.id);
      const by =
        link.kind === "veth" ? `veth cable from ${bridgeOf(bridge)} to ${end.name}` : `LAN of ${bridge.facts.parent}`;
      return { stack: stackOf(end.id), hops: [{ from: bridge.id, to: end.id, link, by }, ...toStack(end.id)] };
    });
  /** Returns what is cabled to an overlay network's bridges on other hosts. */
  const remoteMembers = (bridge: TopologyNode) =>
    linksOf("vxlan", bridge.id).flatMap((link) => {
      const far = otherEnd(link, bridge.id);
      const by = `VXLAN tunnel to ${node(far.in ?? "").name}, in UDP packets to port 4789`;
      const tunnel = { from: bridge.id, to: far.id, link, by };
      return members(far).map(({ stack, hops }) => ({ stack, hops: [tunnel, ...hops] }));
    });

  /** Returns the host of a bridge, which is the router of everything on it; none for overlay and macvlan networks. */
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

  /** Returns everything on the bridges of a host. */
  const byRoute = ({ id, name }: TopologyNode): Neighbour[] =>
    nodes
      .filter((each) => each.kind === "network" && each.in === id && each.facts.driver === "bridge")
      .flatMap((bridge) => {
        const block = bridge.facts.subnet ?? "the block of that network";
        const by = `the routing table of ${name}: ${block} is on ${bridgeOf(bridge)}`;
        const first = { from: id, to: bridge.id, link: undefined, by };
        return members(bridge).map(({ stack, hops }) => ({ stack, hops: [first, ...hops], bridge, router: false }));
      });

  /** Hosts that the environment did not create are on an existing network. */
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
