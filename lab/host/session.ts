import type { Container } from "./containers.ts";
import type { Network } from "./networks.ts";

/** What a command said, and whether it succeeded; when it did not, its errors are part of that. */
export interface Said {
  readonly ok: boolean;
  readonly text: string;
}

/** One look at a host and its Docker engine. What the engine tells of its objects is asked for once and kept. */
export interface HostSession {
  /** What a command printed there; undefined when it failed. The signal ends it at once. */
  readonly attempt: (command: readonly string[], signal?: AbortSignal) => Promise<string | undefined>;
  /** As `attempt`, of a command that only looks: it is run once, and what it printed is kept. */
  readonly read: (command: readonly string[]) => Promise<string | undefined>;
  /** As `attempt`, with what a command that failed said. */
  readonly say: (command: readonly string[], signal?: AbortSignal) => Promise<Said>;
  /** What a command printed there; throws when it fails, or takes longer than `timeoutMs`, 10 seconds unless told. */
  readonly run: (command: readonly string[], timeoutMs?: number) => Promise<string>;
  /** Whether it is the host that runs this command. */
  readonly local: boolean;
  /** The engine's containers, running or not, by name. */
  readonly containers: () => Promise<ReadonlyMap<string, Container>>;
  /** The engine's networks, by name. */
  readonly networks: () => Promise<ReadonlyMap<string, Network>>;
}

/** Finds a host by its name among the environment's hosts; without a name it is the one that runs this command. */
export type HostSessions = (name: string | undefined) => HostSession;
