import { nodeId } from "../../components/lib/nodeId.ts";
import type { Topology, TopologyLink } from "../../stacks/topology.ts";

/** A container as recorded in the state. */
export interface Expected {
  readonly lab: string | undefined;
  /** Its networks, that of eth0 first. */
  readonly networks: readonly string[];
  /** Its published ports, as `ADDRESS:PORT->PORT/tcp`. */
  readonly published: readonly string[];
  /** Names of its interfaces; undefined if it uses its host's. */
  readonly interfaces: readonly string[] | undefined;
  /** Whether it is a practice node, which creates its own interfaces for what runs on it. */
  readonly isPracticeNode: boolean;
  /** Aliases of its legacy links. */
  readonly links: readonly string[];
}

/** Kinds of links that give a container an interface. */
const CONNECTIONS: readonly TopologyLink["kind"][] = ["veth", "macvlan"];

/** Returns a container as recorded in the state; undefined if it is not recorded. */
export function expectedOf({ nodes, links }: Topology, name: string, on: string | undefined): Expected | undefined {
  const id = nodeId("container", name, on);
  const node = nodes.find((each) => each.id === id);
  if (!node) return undefined;
  const nodeOf = (other: string) => nodes.find((each) => each.id === other);
  const own = links.filter(({ from }) => from === id);
  const networks = own.flatMap(({ to }) => {
    const end = nodeOf(to);
    return end?.kind === "network" ? [end.name] : [];
  });
  const shares = own.some(({ kind }) => kind === "shares");
  return {
    lab: node.lab,
    networks: shares ? ["host"] : networks,
    published: links
      .filter(({ kind, to }) => kind === "publish" && to === id)
      .map(({ from, facts }) => `${nodeOf(from)?.name}->${facts.port}`)
      .sort(),
    interfaces: shares
      ? undefined
      : [
          "lo",
          ...own.flatMap(({ kind, facts }) => (CONNECTIONS.includes(kind) ? [facts.fromInterface ?? "eth0"] : [])),
        ],
    isPracticeNode: nodes.some(({ kind, in: within }) => kind === "host" && within === id),
    links: own.flatMap(({ kind, facts }) => (kind === "link" ? [facts.alias ?? ""] : [])),
  };
}

/** One end of a cable between two namespaces, as recorded in the state. */
export interface ExpectedEnd {
  readonly interface: string;
  /** With prefix length. */
  readonly address: string;
  /** The other end, and the name of its namespace. */
  readonly other: { readonly namespace: string; readonly interface: string };
}

/** Returns the recorded ends of cables in a namespace; undefined if the namespace is not recorded. */
export function endsOf({ nodes, links }: Topology, name: string, on: string | undefined): ExpectedEnd[] | undefined {
  const id = nodeId("namespace", name, on);
  if (!nodes.some((each) => each.id === id)) return undefined;
  const nameOf = (other: string) => nodes.find((each) => each.id === other)?.name ?? other;
  const end = (mine: "from" | "to", { from, to, facts }: TopologyLink): ExpectedEnd => {
    const far = mine === "from" ? "to" : "from";
    return {
      interface: facts[`${mine}Interface`] ?? "",
      address: facts[`${mine}Address`] ?? "",
      other: { namespace: nameOf(mine === "from" ? to : from), interface: facts[`${far}Interface`] ?? "" },
    };
  };
  return links
    .filter(({ kind }) => kind === "veth")
    .flatMap((link) => (link.from === id ? [end("from", link)] : link.to === id ? [end("to", link)] : []));
}
