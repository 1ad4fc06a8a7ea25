import { networkOf } from "../../../components/lib/cidr.ts";
import { LINK_KINDS } from "./linkKinds.ts";
import { factOf, type Model, type ModelLink, type ModelNode } from "./model.ts";

/** Text of a node: its name, and the lines below it. */
export interface Words {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Word for a node's kind, before its name. */
const NODE_KIND_WORDS: Readonly<Record<ModelNode["kind"], string>> = {
  host: "host",
  container: "container",
  namespace: "namespace",
  network: "network",
  port: "port",
  member: "etcd member",
};

/** Text of a node: what it is, its interfaces, and its faults. */
export function wordsOf(node: ModelNode, model: Model): Words {
  const ends = model.links.flatMap((link) => endsAt(link, node.id));
  return {
    name: node.name,
    lines: [...own(node), ...ends, ...troubleOf(node)].filter((line) => line !== ""),
  };
}

function own(node: ModelNode): string[] {
  const fact = (name: string) => factOf(node, name) ?? "";
  const { kind } = node;
  if (kind === "network") return networkLines(node);
  if (kind === "port") return ["published port"];
  if (kind === "member")
    return [["etcd member", fact("role")].filter(Boolean).join(", "), fact("client"), fact("peer")];
  if (kind === "host") return [fact("address")];
  const listens = fact("listens");
  return [
    kind === "namespace" ? namespaceLine(node) : [`image ${fact("image")}`, fact("status")].filter(Boolean).join(", "),
    listens && `listens on ${listens}`,
    fact("published"),
  ];
}

const namespaceLine = (node: ModelNode): string =>
  node.in === undefined ? "network namespace, outside" : "network namespace";

function networkLines(node: ModelNode): string[] {
  const [driver, subnet] = [factOf(node, "driver"), factOf(node, "subnet") ?? ""];
  if (driver === "null") return ["no network at all"];
  if (driver === "host") return ["the host's own: routes, NAT"];
  const bridge = [factOf(node, "interface") ?? factOf(node, "parent"), factOf(node, "gateway")]
    .filter(Boolean)
    .join(" ");
  const vni = factOf(node, "vni");
  return [`${driver} network`, subnet, bridge, vni ? `VXLAN network ${vni}` : ""];
}

/** Interfaces of a link at a node, with their addresses. For a bridge these are ports, which have none. */
function endsAt({ from, to, kind, ...link }: ModelLink, id: string): string[] {
  if (kind !== "veth" && kind !== "macvlan") return [];
  const fact = (name: string) => factOf({ from, to, kind, ...link }, name);
  const end = (side: "from" | "to") => `${fact(`${side}Interface`)} ${fact(`${side}Address`) ?? ""}`.trim();
  if (from === id) return [end("from")];
  return to === id && fact("toAddress") !== undefined ? [end("to")] : [];
}

/** Faults of a node or link, as far as it was inspected. */
export function troubleOf({ state, failed }: ModelNode | ModelLink): string[] {
  const states = state === "up" || state === "unknown" ? [] : [state];
  return [...states, ...failed.map((id) => `failed: ${id}`)];
}

/** Label of a link. */
export function alongLink(link: ModelLink): string {
  const fact = (name: string) => factOf(link, name) ?? "";
  if (link.kind === "veth") return link.facts.toAddress ? networkOf(link.facts.toAddress) : fact("toInterface");
  if (link.kind === "vxlan") return [`VXLAN ${fact("vni")}`.trim(), fact("port")].join(", ");
  if (link.kind === "publish") return fact("port");
  if (link.kind === "link") return `link ${fact("alias")}`;
  return LINK_KINDS[link.kind].along ?? "";
}

/** Describes a node or link in a sentence, for screen readers and tooltips. */
export function sentenceOf(part: ModelNode | ModelLink, model: Model): string {
  if (!("from" in part)) {
    const { name, lines } = wordsOf(part, model);
    return [`${NODE_KIND_WORDS[part.kind]} ${name}`, ...lines].join(", ");
  }
  const nameOf = (id: string) => model.nodes.find((node) => node.id === id)?.name ?? id;
  // Sorted by name, as in a state, so that a picture does not depend on the source of the facts.
  const known = Object.entries({ ...part.facts, ...part.live }).sort(([a], [b]) => (a < b ? -1 : 1));
  const facts = known.map(([name, value]) => `${name} ${value}`);
  return [`${part.kind} from ${nameOf(part.from)} to ${nameOf(part.to)}`, ...facts, ...troubleOf(part)].join(", ");
}
