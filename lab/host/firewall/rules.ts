/** Where a rule is stored: a backend of iptables(8), or nftables itself. */
export type Backend = "nft" | "legacy" | "nftables";

/** A match condition of a rule. */
export interface Condition {
  readonly of: "source" | "destination" | "in" | "out" | "protocol" | "port" | "state";
  /** Whether the packet must match none of the values. */
  readonly not: boolean;
  readonly values: readonly string[];
}

/** A packet filter rule, of any backend. */
export interface Rule {
  readonly backend: Backend;
  /** `filter`, `nat`, `raw`; for nftables, family and name: `ip docker-bridges`. */
  readonly table: string;
  readonly chain: string;
  /** In its program's syntax: `-A CHAIN …` for iptables, `CHAIN …` for nftables. */
  readonly text: string;
  /** Its known conditions; other kinds are omitted. */
  readonly conditions: readonly Condition[];
  /** Verdict in capitals, or the chain to go to; empty if the packet continues with the next rule. */
  readonly target: string;
  /** Command that removes the rule. */
  readonly removal: string;
}

/** A chain of rules. */
export interface Chain {
  readonly backend: Backend;
  readonly table: string;
  readonly name: string;
  /** Hook where packets enter it: `forward`, `postrouting`; undefined for a chain that only rules lead to. */
  readonly hook: string | undefined;
  /** Verdict for packets that no rule decides on: `ACCEPT` or `DROP`. */
  readonly policy: string | undefined;
}

/** All rules of a host. */
export interface Firewall {
  readonly chains: readonly Chain[];
  readonly rules: readonly Rule[];
  /** Whether native nftables rules are included; they cannot be listed without the command nft, or if it fails. */
  readonly hasNftables: boolean;
}
