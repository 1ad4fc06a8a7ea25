import * as z from "zod";

/** Facts of one object or connection, for people: a name of the field and its value, such as `subnet` and `10.1.0.0/24`. */
const Facts = z.record(z.string(), z.string());

/**
 * Something that has a place in the picture of an environment.
 *
 * - `machine`: this machine (id `machine:`), or a host or practice node (id `machine:docker-node1`)
 * - `container`: in a machine, or in an engine that a container keeps
 * - `namespace`: a network namespace that no container has; one of the outside world is not `in` any machine
 * - `network`: the bridge of a network on one machine; an overlay network has one for each machine
 * - `port`: an address and a port of a machine, on which it answers for a container
 * - `member`: a member of an etcd cluster
 */
export const TopologyNode = z.strictObject({
  /** Unique in the environment: `KIND:NAME`, and `@MACHINE` behind it for what is on another machine than this one. */
  id: z.string(),
  kind: z.enum(["machine", "container", "namespace", "network", "port", "member"]),
  /** What the engine or the kernel calls it. */
  name: z.string(),
  lab: z.string(),
  /** Id of what it is inside of; left out by this machine and by what is outside of all machines. */
  in: z.string().optional(),
  facts: Facts,
});
export type TopologyNode = z.infer<typeof TopologyNode>;

/**
 * A connection of two nodes.
 *
 * - `veth`: a cable; from a container to the bridge of its network, or between two namespaces or machines
 * - `shares`: a container that has the network namespace of its machine
 * - `publish`: from a port to the container that it leads to
 * - `vxlan`: a tunnel between the bridges of an overlay network on two machines
 * - `peer`: between two members of an etcd cluster
 * - `store`: from a machine, whose engine keeps its networks there, to a member
 * - `link`: a legacy link of containers; `from` knows the name of `to`
 */
export const TopologyLink = z.strictObject({
  kind: z.enum(["veth", "shares", "publish", "vxlan", "peer", "store", "link"]),
  from: z.string(),
  to: z.string(),
  facts: Facts,
});
export type TopologyLink = z.infer<typeof TopologyLink>;

/** What an environment is made of, as its settings say: known without any look at a machine. */
export const Topology = z.strictObject({ nodes: z.array(TopologyNode), links: z.array(TopologyLink) });
export type Topology = z.infer<typeof Topology>;
