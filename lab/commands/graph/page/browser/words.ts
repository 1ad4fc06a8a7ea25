import type { TopologyLink, TopologyNode } from "../../../../../stacks/topology.ts";

const KIND_WORDS: Readonly<Record<TopologyNode["kind"], readonly [one: string, many: string]>> = {
  host: ["host", "Hosts"],
  container: ["container", "Containers"],
  namespace: ["network namespace", "Network namespaces"],
  network: ["network", "Networks"],
  port: ["published port", "Published ports"],
  member: ["etcd member", "etcd members"],
};
export const kindWords = (kind: TopologyNode["kind"]): string => KIND_WORDS[kind][0];
export const kindsWords = (kind: TopologyNode["kind"]): string => KIND_WORDS[kind][1];

/** The kinds of objects, in the order in which they are listed. */
export const NODE_KIND_ORDER: readonly TopologyNode["kind"][] = [
  "container",
  "namespace",
  "network",
  "port",
  "member",
  "host",
];

/** What a link is to the node that it starts from, and to the one that it leads to. */
const LINKS: Readonly<Record<TopologyLink["kind"], readonly [from: string, to: string]>> = {
  veth: ["veth cable to", "veth cable to"],
  macvlan: ["macvlan interface to", "macvlan interface of"],
  shares: ["has the network namespace of", "shares its network namespace with"],
  attached: ["is on the network", "has the container"],
  publish: ["leads to", "is published as"],
  vxlan: ["VXLAN tunnel to", "VXLAN tunnel to"],
  peer: ["etcd peer of", "etcd peer of"],
  store: ["keeps its networks in", "keeps the networks of"],
  link: ["knows by a legacy link", "is known by a legacy link of"],
};
export const linkWords = (kind: TopologyLink["kind"], outgoing: boolean): string => LINKS[kind][outgoing ? 0 : 1];

/** Facts whose names are short forms. */
const SHORT: Readonly<Record<string, string>> = {
  nat: "NAT rule",
  isolation: "isolation rule",
  route: "default route",
  mac: "MAC",
  mtu: "MTU",
  vni: "VNI",
  fdb: "FDB",
  url: "URL",
  id: "ID",
};

/** The name of a fact, in words: `rxPackets` is `rx packets`. */
export const factWords = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(" ")
    .map((word) => SHORT[word] ?? word)
    .join(" ");

/** The ends of a link, each with its interface, address and MAC address, this end first; then its other facts. */
export function linkFacts(
  facts: Readonly<Record<string, string>>,
  outgoing: boolean,
  own: string,
  far: string,
): [name: string, value: string][] {
  const end = (side: string) => ["Interface", "Address", "Mac"].flatMap((name) => facts[side + name] ?? []).join("  ");
  const ends: [string, string][] = [
    [own, end(outgoing ? "from" : "to")],
    [far, end(outgoing ? "to" : "from")],
  ];
  const { rxPackets, txPackets } = facts;
  // They are those of the interface that the link starts from.
  const packets = `${rxPackets ?? "?"} received, ${txPackets ?? "?"} sent by ${outgoing ? own : far}`;
  const others = Object.entries(facts).filter(([name]) => !/^(from|to|rx|tx)[A-Z]/.test(name));
  return [
    ...ends.filter(([, value]) => value !== ""),
    ...others.map(([name, value]): [string, string] => [factWords(name), value]),
    ...(rxPackets !== undefined || txPackets !== undefined ? [["packets", packets] as [string, string]] : []),
  ];
}
