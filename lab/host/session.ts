import type { Container } from "./containers.ts";
import type { Network } from "./networks.ts";

/** Output of a command, including its errors if it failed, and whether it succeeded. */
export interface Said {
  readonly ok: boolean;
  readonly text: string;
}

/** A snapshot of a host and its Docker engine. The engine's objects are queried once and cached. */
export interface HostSession {
  /** Returns the output of a command; undefined if it failed. The signal aborts it at once. */
  readonly attempt: (command: readonly string[], signal?: AbortSignal) => Promise<string | undefined>;
  /** Same as `attempt`, for a read-only command: runs it once and caches its output. */
  readonly read: (command: readonly string[]) => Promise<string | undefined>;
  /** Same as `attempt`, but also returns the output of a failed command. */
  readonly say: (command: readonly string[], signal?: AbortSignal) => Promise<Said>;
  /** Returns the output of a command; throws if it fails or takes longer than `timeoutMs`, by default 10 seconds. */
  readonly run: (command: readonly string[], timeoutMs?: number) => Promise<string>;
  /** Whether it is the host that runs this command. */
  readonly local: boolean;
  /** The engine's containers, running or not, by name. */
  readonly containers: () => Promise<ReadonlyMap<string, Container>>;
  /** The engine's networks, by name. */
  readonly networks: () => Promise<ReadonlyMap<string, Network>>;
}

/** Finds a host of the environment by name; without a name, the host that runs this command. */
export type HostSessions = (name: string | undefined) => HostSession;
