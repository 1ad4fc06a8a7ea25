import type { Check, Source, Target } from "../../stacks/checks.ts";
import type { TopologyNode } from "../../stacks/topology.ts";
import type { Context, Fault } from "../faults/context.ts";
import type { HostSessions } from "../host/session.ts";
import type { ProbeResult } from "./from.ts";

export type Kind = Check["kind"];
export type CheckOf<K extends Kind> = Extract<Check, { kind: K }>;

/** A participant of a check: an object, by its name on a host. `on` is undefined for the host that runs `lab`. */
export interface Participant {
  readonly kind: "container" | "namespace" | "network" | "host";
  readonly name: string;
  readonly on: string | undefined;
}

/** Looks up the ids of a check's nodes in the topology; undefined if the topology has no such node. */
export interface NodeFinder {
  readonly node: (kind: TopologyNode["kind"], name: string, on?: string) => string | undefined;
  /** A host by its name; without a name, the host that runs `lab`. */
  readonly host: (on?: string) => string | undefined;
  /** Start or end of the packets; with `port`, the published port instead of the address. */
  readonly end: (place: Source | Target, port?: number) => string | undefined;
}

/** Nodes and links that a check highlights in the graph of its environment. */
export interface Marks {
  /** Ids of nodes, in the order in which packets pass them. */
  readonly nodes: readonly (string | undefined)[];
  /**
   * Links between the first two nodes: `direct`, the link that joins them; `route`, every link that packets pass.
   * @default - none
   */
  readonly links?: "direct" | "route";
}

/**
 * Everything that `lab` knows about a kind of check. Each kind is defined in the file of its name in lab/checks/kinds.
 */
export interface CheckKind<K extends Kind> {
  /** How a check verifies its title, in a sentence without a full stop. */
  readonly how: string;
  /** Possible causes of a failure. */
  readonly mayBe: string;
  /** Probes from outside; throws a ProbeError if that is impossible. The signal aborts it at once. */
  readonly probe: (check: CheckOf<K>, sessions: HostSessions, signal: AbortSignal) => Promise<ProbeResult>;
  /** The objects whose faults make a check fail. */
  readonly participants: (check: CheckOf<K>) => readonly Participant[];
  /**
   * Faults that make a check fail and belong to no participant.
   * @default - none
   */
  readonly causes?: (check: CheckOf<K>, context: Context) => Promise<Fault[]>;
  readonly marks: (check: CheckOf<K>, find: NodeFinder) => Marks;
  /**
   * Whether its checks count requests or packets, so that no other check may run at the same time.
   * @default false
   */
  readonly runsAlone?: true;
  /**
   * Whether a check takes seconds even if it passes; such checks start early.
   * @default - never
   */
  readonly isSlow?: (check: CheckOf<K>) => boolean;
}
