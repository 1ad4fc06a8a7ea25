/** What has a rule: a backend of iptables(8), or nftables itself. */
export type Backend = "nft" | "legacy" | "nftables";

/** Something that a rule asks of a packet. */
export interface Condition {
  readonly of: "source" | "destination" | "in" | "out" | "protocol" | "port" | "state";
  /** Whether the packet must have none of the values. */
  readonly not: boolean;
  readonly values: readonly string[];
}

/** A rule of a packet filter, whichever program made it. */
export interface Rule {
  readonly backend: Backend;
  /** `filter`, `nat`, `raw`; of nftables the family and the name, `ip docker-bridges`. */
  readonly table: string;
  readonly chain: string;
  /** As its own program writes it: `-A CHAIN …` of iptables, `CHAIN …` of nftables. */
  readonly text: string;
  /** What can be told of it; conditions of other kinds are left out. */
  readonly conditions: readonly Condition[];
  /** What becomes of a packet, in capitals, or the chain that it goes to; empty where it goes on to the next rule. */
  readonly target: string;
  /** The command that removes it. */
  readonly removal: string;
}

/** A chain of rules. */
export interface Chain {
  readonly backend: Backend;
  readonly table: string;
  readonly name: string;
  /** Where packets come into it from the kernel: `forward`, `postrouting`; undefined for one that only rules lead to. */
  readonly hook: string | undefined;
  /** What becomes of a packet that no rule decides on: `ACCEPT` or `DROP`. */
  readonly policy: string | undefined;
}

/** All rules of a host. */
export interface Firewall {
  readonly chains: readonly Chain[];
  readonly rules: readonly Rule[];
  /** Whether rules that nftables alone knows are among them: without the command nft, or if it fails, they cannot be seen. */
  readonly hasNftables: boolean;
}
