import * as z from "zod";
import { HERE, LINK_KINDS, NODE_KINDS, type TopologyPart } from "../components/lib/topologyParts.ts";

/**
 * Facts of one object or connection, for people: a name of the field and its value, such as `subnet` and `10.1.0.0/24`.
 *
 * - of a container: `image` (its service), `listens` (port and protocol, inside)
 * - of a host: `address`, at which the other hosts reach it; `machine`, the name of a practice node that is a virtual machine
 * - of a namespace of the outside world: `listens`, and `keeper`, the container that it vanishes with
 * - of a network: `driver`, `subnet`, `gateway`, and `interface`, the name of its bridge where that is known; of a macvlan
 *   network `parent`, an interface of its host
 * - of a port: `address`, `port`
 * - of a member: `client` and `peer`, the URLs that it advertises
 * - of a `veth`: `fromInterface`, `fromAddress`, `toInterface`, `toAddress`, each where it is known; an address of a cable
 *   between two namespaces has its prefix length
 * - of a `macvlan`: `fromInterface`, and of a container's `fromAddress`
 * - of a `publish`: `port`, of the container
 * - of a `vxlan`: `fromAddress`, `toAddress` (of the hosts), `port`
 * - of a `peer` or `store`: `url`
 * - of a `link`: `alias`, the name that `from` knows
 */
const Facts = z.record(z.string(), z.string());

/**
 * Something that has a place in the picture of an environment.
 *
 * - `host`: this host (id `host:`), or another one or a practice node (id `host:docker-node1`)
 * - `container`: in a host
 * - `namespace`: a network namespace that no container has; one of the outside world is not `in` any host
 * - `network`: the bridge of a network on one host; an overlay network has one for each host, a macvlan network has none.
 *   The engine's `host` is the host's own network namespace, and its `none` is nothing at all
 * - `port`: an address and a port of a host, on which it answers for a container
 * - `member`: a member of an etcd cluster
 *
 * A practice node is two nodes, since it is two things: `container:docker-node1`, which this host's engine runs and a
 * cable joins to the LAN, and `host:docker-node1`, which is `in` that container.
 */
export const TopologyNode = z.strictObject({
  /** Unique in the environment: `KIND:NAME`, and `@HOST` behind it for what is on a host (components/lib/nodeId.ts). */
  id: z.string(),
  kind: z.enum(NODE_KINDS),
  /** What the engine or the kernel calls it. */
  name: z.string(),
  /** Left out by what labs have in common: hosts, and the networks that every engine has. */
  lab: z.string().optional(),
  /** Id of what it is inside of; left out by this host, by hosts and by what is outside of all hosts. */
  in: z.string().optional(),
  facts: Facts,
});
export type TopologyNode = z.infer<typeof TopologyNode>;

/**
 * A connection of two nodes.
 *
 * - `veth`: a cable; from a container to the bridge of its network, or between two namespaces or hosts
 * - `macvlan`: from a container to its macvlan network, and from such a network to what the cable of its parent leads to
 * - `shares`: from a container to its host, whose network namespace it has
 * - `attached`: from a container to the network `none` of its engine, which is no cable
 * - `publish`: from a port to the container that it leads to
 * - `vxlan`: a tunnel between the bridges of an overlay network on two hosts
 * - `peer`: between two members of an etcd cluster
 * - `store`: from a host, whose engine keeps its networks there, to a member
 * - `link`: a legacy link of containers; `from` knows the name of `to`
 */
export const TopologyLink = z.strictObject({
  kind: z.enum(LINK_KINDS),
  from: z.string(),
  to: z.string(),
  facts: Facts,
});
export type TopologyLink = z.infer<typeof TopologyLink>;

/** What an environment is made of, as its settings say: known without any look at a host. */
export const Topology = z
  .strictObject({ nodes: z.array(TopologyNode), links: z.array(TopologyLink) })
  .superRefine(({ nodes, links }, context) => {
    const ids = new Set(nodes.map(({ id }) => id));
    if (ids.size < nodes.length) context.addIssue("expected each id once");
    const named = [...nodes.map((node) => node.in), ...links.flatMap(({ from, to }) => [from, to])];
    for (const id of named) if (id !== undefined && !ids.has(id)) context.addIssue(`there is no node ${id}`);
  });
export type Topology = z.infer<typeof Topology>;

/** Joins the parts of all labs, by the labs' names; what they share is in it once. */
export function joinParts(
  labs: readonly { readonly name: string; readonly parts: readonly TopologyPart[] }[],
): Topology {
  const all = labs.flatMap(({ name, parts }) => parts.map((part) => ({ lab: name, ...part })));
  const shared = new Map([HERE, ...all.flatMap((part) => part.shared ?? [])].map((each) => [each.id, each]));
  return Topology.parse({
    nodes: [...shared.values(), ...all.flatMap(({ lab, nodes = [] }) => nodes.map((each) => ({ ...each, lab })))],
    links: all.flatMap(({ links = [] }) => links),
  });
}
