/** A kind of place where faults are made, shared by the faults of that kind. */
export interface World {
  /** What is not green: checks that fail, a preview with changes, operations or locks of a run that died. */
  readonly problems: () => Promise<string[]>;
  /** What of the things that are never lost is lost. */
  readonly lost: () => Promise<string[]>;
  /** What is there and should not be: containers, networks, volumes, namespaces, cables, processes, locks. */
  readonly leftovers: () => Promise<string[]>;
  /** What there is of it on this host. */
  readonly remains: () => Promise<string[]>;
  /** Goes back to where every fault of this kind begins. */
  readonly reset: () => Promise<void>;
  /** Removes it, whatever state it is in. */
  readonly close: () => Promise<void>;
}

/** What a fault came to. */
export interface Incident {
  /** The text that the user reads. */
  readonly said: string;
  /** Ends the cause, which is no part of the way back: the port is free again, the host is on again. */
  readonly end?: () => Promise<unknown>;
}

/** What a fault leaves of the environment when it is over: a running one, or nothing. */
export type Outcome = "green" | "gone";

/** A fault of the reliability list that can be made for real. */
export interface Fault<W extends World = World> {
  /** Its number there, such as `R46`. */
  readonly id: string;
  readonly title: string;
  /** What it must not take, beside what no fault may: state, foreign things on the host, keys, the way in. */
  readonly protects: string;
  /** Makes it, lets the user see it, and gives what they read. */
  readonly inject: (world: W) => Promise<Incident>;
  /** What the text must say, all of it. */
  readonly says: readonly RegExp[];
  /** The way back as a user would write it; `nothing` where none is needed. */
  readonly way: string;
  /** Goes that way: one command. */
  readonly heal?: (world: W) => Promise<unknown>;
  /** @default "green" */
  readonly outcome?: Outcome;
  /** Whether it is one of the few that `npm test` makes. @default false */
  readonly quick?: boolean;
}

/** Why a fault of the list is not made. */
export type Reason = "protection absent" | "cannot be made here";

/** A fault of the list that is not made. */
export interface Uncovered {
  readonly id: string;
  readonly title: string;
  readonly reason: Reason;
  /** What is missing, in a sentence. */
  readonly why: string;
}

/** What came of making a fault once. */
export interface Outturn {
  readonly survived: boolean;
  /** From the way back, or without one from the fault itself, until every check passes; undefined when they never did. */
  readonly recoverySec: number | undefined;
  readonly leftovers: readonly string[];
  /** Why it is not survived; empty when it is. */
  readonly problems: readonly string[];
  /** What the user read. */
  readonly said: string;
}
