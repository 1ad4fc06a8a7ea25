/** A kind of environment in which faults are caused, shared by the faults of that kind. */
export interface World {
  /** Problems: failed checks, a preview with changes, operations or locks of a killed run. */
  readonly problems: () => Promise<string[]>;
  /** Protected data that was lost. */
  readonly lost: () => Promise<string[]>;
  /**
   * What was measured of the protected data, in words, after `lost`.
   * @default - nothing
   */
  readonly measured?: () => string;
  /** Leftovers: containers, networks, volumes, namespaces, veth pairs, processes, locks. */
  readonly leftovers: () => Promise<string[]>;
  /** All of its objects on this host. */
  readonly remains: () => Promise<string[]>;
  /** Restores the state in which every fault of this kind starts. */
  readonly reset: () => Promise<void>;
  /** Factor of the time limits until it is green again. @default 1 */
  readonly slowness?: number;
  /** Removes it, whatever its state. */
  readonly close: () => Promise<void>;
}

/** Result of causing a fault. */
export interface Incident {
  /** The output that the user sees. */
  readonly said: string;
  /** Removes the cause, which is not part of the repair: the port is free again, the host is on again. */
  readonly end?: () => Promise<unknown>;
}

/** What a fault leaves of the environment: a running one, or nothing. */
export type Outcome = "green" | "gone";

/** A fault of the reliability list that can be caused for real. */
export interface Fault<W extends World = World> {
  /** Its id in the list, such as `R46`. */
  readonly id: string;
  readonly title: string;
  /** Data that it must not destroy, in addition to what no fault may: state, objects of others, keys, SSH access. */
  readonly protects: string;
  /** Causes it and returns the output that the user sees. */
  readonly inject: (world: W) => Promise<Incident>;
  /** Patterns that the output must match, all of them. */
  readonly says: readonly RegExp[];
  /** The repair command as a user would write it; `nothing` if none is needed. */
  readonly way: string;
  /** Runs the repair: one command. */
  readonly heal?: (world: W) => Promise<unknown>;
  /** @default "green" */
  readonly outcome?: Outcome;
  /** Whether it is one of the few that `npm test` runs. @default false */
  readonly quick?: boolean;
}

/** Why a fault of the list is not covered. */
export type Reason = "protection absent" | "cannot be caused here";

/** A fault of the list that is not covered. */
export interface Uncovered {
  readonly id: string;
  readonly title: string;
  readonly reason: Reason;
  /** What is missing, in one sentence. */
  readonly why: string;
}

/** Result of causing a fault once. */
export interface Outturn {
  readonly survived: boolean;
  /**
   * From the start of the repair, or of the fault if none is needed, until every check passes; undefined if they never
   * did.
   */
  readonly recoverySec: number | undefined;
  readonly leftovers: readonly string[];
  /** Why it is not survived; empty if it is. */
  readonly problems: readonly string[];
  /** The output that the user saw. */
  readonly said: string;
  /** {@link World.measured}. */
  readonly measured?: string | undefined;
}
