import * as z from "zod";
import { HERE, LINK_KINDS, NODE_KINDS, type TopologyPart } from "../components/lib/topologyParts.ts";

/**
 * Facts about an object or connection, for display: the name of a field and its value, such as `subnet` and
 * `10.1.0.0/24`.
 *
 * - of a container: `image` (its service), `listens` (port and protocol, inside)
 * - of a host: `address`, at which the other hosts reach it; `machine`, the name of a practice node that is a virtual
 *   machine
 * - of a namespace of the outside world: `listens`, and `keeper`, the container that it disappears with
 * - of a network: `driver`, `subnet`, `gateway`, and `interface`, the name of its bridge if known; of a macvlan network
 *   `parent`, an interface of its host
 * - of a port: `address`, `port`
 * - of a member: `client` and `peer`, the URLs that it advertises
 * - of a `veth`: `fromInterface`, `fromAddress`, `toInterface`, `toAddress`, each if known; addresses of a veth pair
 *   between two namespaces have their prefix length
 * - of a `macvlan`: `fromInterface`, and of a container's `fromAddress`
 * - of a `publish`: `port`, of the container
 * - of a `vxlan`: `fromAddress`, `toAddress` (of the hosts), `port`
 * - of a `peer` or `store`: `url`
 * - of a `link`: `alias`, the name that `from` knows
 */
const Facts = z.record(z.string(), z.string());

/**
 * An object in the topology of an environment.
 *
 * - `host`: this host (id `host:`), another one, or a practice node (id `host:docker-node1`)
 * - `container`: in a host
 * - `namespace`: a network namespace without a container; one of the outside world is not `in` any host
 * - `network`: the bridge of a network on one host; an overlay network has one for each host, a macvlan network has
 *   none. The engine's `host` is the host's own network namespace, and its `none` has no object at all
 * - `port`: an address and a port of a host, on which it forwards to a container
 * - `member`: a member of an etcd cluster
 *
 * A practice node has two nodes: `container:docker-node1`, which this host's engine runs and a veth pair connects to
 * the LAN, and `host:docker-node1`, which is `in` that container.
 */
export const TopologyNode = z.strictObject({
  /** Unique in the environment: `KIND:NAME`, followed by `@HOST` if it is on a host (components/lib/nodeId.ts). */
  id: z.string(),
  kind: z.enum(NODE_KINDS),
  /** Its name on the engine or in the kernel. */
  name: z.string(),
  /** Undefined for nodes that labs share: hosts, and the predefined networks of an engine. */
  lab: z.string().optional(),
  /**
   * Id of the node that contains it; undefined for hosts, except a practice node in a container, and for nodes outside
   * all hosts.
   */
  in: z.string().optional(),
  facts: Facts,
});
export type TopologyNode = z.infer<typeof TopologyNode>;

/**
 * A connection between two nodes.
 *
 * - `veth`: a veth pair, from a container to the bridge of its network, or between two namespaces or hosts
 * - `macvlan`: from a container to its macvlan network, and from a macvlan network to the other end of its parent's
 *   veth pair
 * - `shares`: from a container to the host whose network namespace it uses
 * - `attached`: from a container to its engine's network `none`, without a veth pair
 * - `publish`: from a port to the container that it forwards to
 * - `vxlan`: a tunnel between the bridges of an overlay network on two hosts
 * - `peer`: between two members of an etcd cluster
 * - `store`: from a host, whose engine stores its networks there, to a member
 * - `link`: a legacy link of containers; `from` knows the name of `to`
 */
export const TopologyLink = z.strictObject({
  kind: z.enum(LINK_KINDS),
  from: z.string(),
  to: z.string(),
  facts: Facts,
});
export type TopologyLink = z.infer<typeof TopologyLink>;

/** The topology of an environment according to its settings; no host is contacted. */
export const Topology = z
  .strictObject({ nodes: z.array(TopologyNode), links: z.array(TopologyLink) })
  .superRefine(({ nodes, links }, context) => {
    const ids = new Set(nodes.map(({ id }) => id));
    if (ids.size < nodes.length) context.addIssue("expected each id once");
    const named = [...nodes.map((node) => node.in), ...links.flatMap(({ from, to }) => [from, to])];
    for (const id of named) if (id !== undefined && !ids.has(id)) context.addIssue(`there is no node ${id}`);
  });
export type Topology = z.infer<typeof Topology>;

/** Joins the topology parts of all labs. Nodes get the lab's name, except shared ones, which appear once. */
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
