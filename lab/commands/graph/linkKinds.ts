import type { TopologyLink } from "../../../stacks/topology.ts";

/** How a kind of link is drawn and described. */
interface LinkKind {
  /** DOT attributes; `constraint: false` keeps a link out of the ranking of nodes. */
  readonly dot: Readonly<Record<string, string>>;
  /** Arrow in Mermaid. */
  readonly mermaid: string;
  /** Description, as seen from the node it starts at and from the node it leads to. */
  readonly words: readonly [from: string, to: string];
  /**
   * Label of every link of this kind.
   * @default - none
   */
  readonly along?: string;
}

export const LINK_KINDS: Readonly<Record<TopologyLink["kind"], LinkKind>> = {
  veth: { dot: { dir: "none" }, mermaid: "---", words: ["veth cable to", "veth cable to"] },
  macvlan: {
    dot: { dir: "none", style: "dashed" },
    mermaid: "-.-",
    words: ["macvlan interface to", "macvlan interface of"],
    along: "macvlan",
  },
  shares: {
    dot: { dir: "none", penwidth: "2" },
    mermaid: "===",
    words: ["has the network namespace of", "shares its network namespace with"],
    along: "shares",
  },
  attached: {
    dot: { dir: "none", style: "dotted" },
    mermaid: "-.-",
    words: ["is on the network", "has the container"],
  },
  publish: { dot: {}, mermaid: "-->", words: ["leads to", "is published as"] },
  vxlan: {
    dot: { dir: "none", style: "dashed", penwidth: "2", constraint: "false" },
    mermaid: "-.-",
    words: ["VXLAN tunnel to", "VXLAN tunnel to"],
  },
  peer: {
    dot: { dir: "none", style: "dashed", constraint: "false" },
    mermaid: "-.-",
    words: ["etcd peer of", "etcd peer of"],
    along: "etcd",
  },
  store: {
    dot: { style: "dotted" },
    mermaid: "-.->",
    words: ["keeps its networks in", "keeps the networks of"],
    along: "store",
  },
  link: {
    dot: { style: "dashed", constraint: "false" },
    mermaid: "-.->",
    words: ["knows by a legacy link", "is known by a legacy link of"],
  },
};
