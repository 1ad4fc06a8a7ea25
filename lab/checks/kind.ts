import type { Check, Source, Target } from "../../stacks/checks.ts";
import type { TopologyNode } from "../../stacks/topology.ts";
import type { Context, Fault } from "../faults/context.ts";
import type { HostSessions } from "../host/session.ts";
import type { ProbeResult } from "./from.ts";

export type Kind = Check["kind"];
export type CheckOf<K extends Kind> = Extract<Check, { kind: K }>;

/** An object that takes part in a check, by its name on a host; `on` is undefined for the one that runs `lab`. */
export interface Participant {
  readonly kind: "container" | "namespace" | "network" | "host";
  readonly name: string;
  readonly on: string | undefined;
}

/** Finds the ids of a check's nodes in the topology; undefined where the topology has no such node. */
export interface NodeFinder {
  readonly node: (kind: TopologyNode["kind"], name: string, on?: string) => string | undefined;
  /** A host by its name; without one, the host that runs `lab`. */
  readonly host: (on?: string) => string | undefined;
  /** Where packets start or end; `port` finds the published port in place of the address. */
  readonly end: (place: Source | Target, port?: number) => string | undefined;
}

/** What a check marks in the picture of its environment. */
export interface Marks {
  /** Ids of nodes, in the order in which packets pass them. */
  readonly nodes: readonly (string | undefined)[];
  /**
   * The links between the first two nodes: `direct`, the one that joins them; `route`, every one that packets pass.
   * @default - none
   */
  readonly links?: "direct" | "route";
}

/** All that `lab` knows of one kind of check. A file of lab/checks/kinds describes the kind of the same name. */
export interface CheckKind<K extends Kind> {
  /** How a check proves its title, in a sentence without a full stop. */
  readonly how: string;
  /** What a failure may come from. */
  readonly mayBe: string;
  /** Looks from outside; throws a ProbeError where it cannot. The signal ends it at once. */
  readonly probe: (check: CheckOf<K>, sessions: HostSessions, signal: AbortSignal) => Promise<ProbeResult>;
  /** The objects whose faults make a check fail. */
  readonly participants: (check: CheckOf<K>) => readonly Participant[];
  /**
   * Faults that make a check fail and are not a participant's own.
   * @default - none
   */
  readonly causes?: (check: CheckOf<K>, context: Context) => Promise<Fault[]>;
  readonly marks: (check: CheckOf<K>, find: NodeFinder) => Marks;
  /**
   * Whether its checks count visits or packets, so that those of other checks must not come in between.
   * @default false
   */
  readonly runsAlone?: true;
  /**
   * Whether a check takes seconds when all is well, so that it is begun early.
   * @default - never
   */
  readonly isSlow?: (check: CheckOf<K>) => boolean;
}
