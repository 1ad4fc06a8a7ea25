import { quote } from "../components/lib/quote.ts";
import { sshOptions } from "../components/lib/sshOptions.ts";
import type { HostAccess } from "../stacks/checks.ts";
import { attempt, lastWords, run } from "../toolchain/run.ts";
import { SetupError } from "../toolchain/step.ts";
import { type Container, type Network, readContainers, readNetworks } from "./engine.ts";

/** How long one look at a machine may take, where nobody else bounds it. */
const TIMEOUT_MS = 10_000;
/** How long the engine may take to tell of all its objects. */
const INSPECT_TIMEOUT_MS = 30_000;
/** What it says of an object that is not there. */
const GONE = /^Error.*: (.*no such |network \S+ not found)/i;

/** What a command said, and whether it succeeded; when it did not, its errors are part of that. */
export interface Said {
  readonly ok: boolean;
  readonly text: string;
}

/** One look at a machine and its Docker engine. What the engine tells of its objects is asked for once and kept. */
export interface Machine {
  /** What a command printed there; undefined when it failed. The signal ends it at once. */
  readonly attempt: (command: readonly string[], signal?: AbortSignal) => Promise<string | undefined>;
  /** As `attempt`, with what a command that failed said. */
  readonly say: (command: readonly string[], signal?: AbortSignal) => Promise<Said>;
  /** What a command printed there; throws when it fails, or takes longer than `timeoutMs`, 10 seconds unless told. */
  readonly run: (command: readonly string[], timeoutMs?: number) => Promise<string>;
  /** Whether it is the machine that runs this command. */
  readonly local: boolean;
  /** The engine's containers, running or not, by name. */
  readonly containers: () => Promise<ReadonlyMap<string, Container>>;
  /** The engine's networks, by name. */
  readonly networks: () => Promise<ReadonlyMap<string, Network>>;
}

/** A probe that cannot be made because what it starts from or is aimed at is not there. */
export class Impossible extends Error {}

/** Runs a command on a machine and gives what it printed; throws when it fails. */
export type Runner = (
  command: readonly string[],
  timeoutMs: number | undefined,
  signal?: AbortSignal,
) => Promise<string>;

export interface LookOptions {
  /**
   * Names of the containers that matter, since an engine may have hundreds.
   * @default - all
   */
  readonly containers?: readonly string[] | undefined;
  /**
   * Whether it is the machine that runs this command.
   * @default false
   */
  readonly local?: boolean;
}

/** The machine on which the runner runs commands. */
export function look(name: string, runner: Runner, { containers, local = false }: LookOptions = {}): Machine {
  const all = async (kind: "container" | "network") => {
    const list = kind === "container" ? ["docker", "ps", "--all", "--quiet"] : ["docker", "network", "ls", "--quiet"];
    const listed = await runner(list, TIMEOUT_MS).catch((error) => {
      throw new Impossible(`the engine of ${name} does not answer: ${lastWords(error, 1)}`);
    });
    const ids = listed.split("\n").filter((id) => id !== "");
    return inspected(name, runner, kind, ids);
  };
  const bound = (command: readonly string[], signal?: AbortSignal) =>
    runner(command, signal ? undefined : TIMEOUT_MS, signal);
  return {
    attempt: (command, signal) => bound(command, signal).catch(() => undefined),
    say: (command, signal) =>
      bound(command, signal).then(
        (text) => ({ ok: true, text }),
        (error) => ({ ok: false, text: `${error.stdout ?? ""}${error.stderr ?? ""}`.trim() || error.message }),
      ),
    run: (command, timeoutMs = TIMEOUT_MS) => runner(command, timeoutMs),
    local,
    containers: once(async () =>
      byName(readContainers(await (containers ? inspected(name, runner, "container", containers) : all("container")))),
    ),
    networks: once(async () => byName(readNetworks(await all("network")))),
  };
}

/** The machine that runs this command, or the one whose engine its `docker` talks to. */
export const here = (containers?: readonly string[]): Machine =>
  look("this machine", runHere, { containers, local: true });

const runHere: Runner = (command, timeoutMs, signal) => {
  const [program = "", ...args] = command;
  return run(program, args, { timeoutMs, signal });
};

/** Whether the engine answers at all. */
export const engineAnswers = async (): Promise<boolean> =>
  (await attempt("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: TIMEOUT_MS })) !== undefined;

/**
 * What the engine tells of these objects, by name or id. When one is not there, or went away since it was listed, the
 * command fails and tells of the rest all the same; any other failure says nothing of what is there.
 */
export async function inspected(name: string, runner: Runner, kind: string, which: readonly string[]): Promise<string> {
  if (which.length === 0) return "[]";
  return runner(["docker", kind, "inspect", ...which], INSPECT_TIMEOUT_MS).catch((error) => {
    const { stdout = "", stderr = "" } = error;
    // What ssh remarks on its connection is none of them.
    const complaints: string[] = stderr.split("\n").filter((line: string) => /^(error|cannot)/i.test(line));
    if (complaints.length > 0 && complaints.every((line) => GONE.test(line))) return stdout;
    throw new Impossible(`the engine of ${name} did not describe its ${kind}s: ${lastWords(error, 1)}`);
  });
}

const byName = <T extends { readonly name: string }>(objects: readonly T[]): ReadonlyMap<string, T> =>
  new Map(objects.map((object) => [object.name, object]));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Finds a machine by its name among the environment's hosts; without a name it is the one that runs this command. */
export type Machines = (name: string | undefined) => Machine;

/** The machines of an environment: this one, and its hosts over SSH. */
export function machines(hosts: Readonly<Record<string, HostAccess>> = {}, containers?: readonly string[]): Machines {
  const own = here(containers);
  const known = new Map(
    Object.entries(hosts).map(([name, access]) => [name, look(name, overSsh(access), { containers })]),
  );
  return (name) => {
    if (name === undefined) return own;
    const machine = known.get(name);
    if (!machine) throw new SetupError(`there is no host ${name} in this environment`);
    return machine;
  };
}

/** Runs commands on another machine as root, over one connection (ssh(1), ControlMaster). */
const overSsh =
  ({ address, port, user, keyFile, hostKey, sudo }: HostAccess): Runner =>
  (command, timeoutMs, signal) => {
    const options = [...sshOptions(address, hostKey, keyFile), "-p", String(port), `${user}@${address}`];
    const words = [...(sudo ? ["sudo", "-n"] : []), ...command].map(quote);
    return run("ssh", [...options, "--", words.join(" ")], { timeoutMs, signal });
  };

/** The same machines for somebody who waits no longer than the signal says. */
export const bounded =
  (all: Machines, signal: AbortSignal): Machines =>
  (name) => {
    const machine = all(name);
    return {
      ...machine,
      attempt: (command) => machine.attempt(command, signal),
      say: (command) => machine.say(command, signal),
    };
  };
