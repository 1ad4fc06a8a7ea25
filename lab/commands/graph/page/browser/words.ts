import type { TopologyLink, TopologyNode } from "../../../../../stacks/topology.ts";
import { LINK_KINDS } from "../../linkKinds.ts";

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

/** Kinds of objects, in the order of lists. */
export const NODE_KIND_ORDER: readonly TopologyNode["kind"][] = [
  "container",
  "namespace",
  "network",
  "port",
  "member",
  "host",
];

/** Description of a link, as seen from one of its ends. */
export const linkWords = (kind: TopologyLink["kind"], outgoing: boolean): string =>
  LINK_KINDS[kind].words[outgoing ? 0 : 1];

/** Facts whose names are abbreviations. */
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

/** The name of a fact in words: `rxPackets` becomes `rx packets`. */
export const factWords = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(" ")
    .map((word) => SHORT[word] ?? word)
    .join(" ");

/** Facts of a link: each end with its interface, address and MAC address, this end first; then all others. */
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
  // Counters of the interface that the link starts from.
  const packets = `${rxPackets ?? "?"} received, ${txPackets ?? "?"} sent by ${outgoing ? own : far}`;
  const others = Object.entries(facts).filter(([name]) => !/^(from|to|rx|tx)[A-Z]/.test(name));
  return [
    ...ends.filter(([, value]) => value !== ""),
    ...others.map(([name, value]): [string, string] => [factWords(name), value]),
    ...(rxPackets !== undefined || txPackets !== undefined ? [["packets", packets] as [string, string]] : []),
  ];
}
