import { quote } from "../components/lib/quote.ts";
import { sshOptions } from "../components/lib/sshOptions.ts";
import type { HostAccess } from "../stacks/checks.ts";
import { attempt, lastWords, run } from "../toolchain/run.ts";
import { SetupError } from "../toolchain/step.ts";
import { type Container, type Network, readContainers, readNetworks } from "./engine.ts";

/** How long one look at a machine may take. */
const TIMEOUT_MS = 10_000;

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
export type Runner = (command: readonly string[], timeoutMs: number, signal?: AbortSignal) => Promise<string>;

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
    try {
      const ids = (await runner(list, TIMEOUT_MS)).split("\n").filter((id) => id !== "");
      return ids.length === 0 ? "[]" : await inspectAll(runner, kind, ids);
    } catch (error) {
      throw new Impossible(`the engine of ${name} does not answer: ${lastWords(error, 1)}`);
    }
  };
  return {
    attempt: (command, signal) => runner(command, TIMEOUT_MS, signal).catch(() => undefined),
    say: (command, signal) =>
      runner(command, TIMEOUT_MS, signal).then(
        (text) => ({ ok: true, text }),
        (error) => ({ ok: false, text: `${error.stdout ?? ""}${error.stderr ?? ""}`.trim() || error.message }),
      ),
    local,
    containers: once(async () =>
      byName(readContainers(await (containers ? named(name, runner, containers) : all("container")))),
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

/** What the engine tells of the containers of these names; the command fails when one is not there, and tells of the rest. */
async function named(name: string, runner: Runner, containers: readonly string[]): Promise<string> {
  if (containers.length === 0) return "[]";
  return runner(["docker", "container", "inspect", ...containers], TIMEOUT_MS).catch((error) => {
    if (/no such container/i.test(error.stderr ?? "")) return error.stdout;
    throw new Impossible(`the engine of ${name} does not answer: ${lastWords(error, 1)}`);
  });
}

/** What the engine tells of these objects. One that went away since they were listed makes the command fail: again. */
async function inspectAll(runner: Runner, kind: string, ids: readonly string[]): Promise<string> {
  const inspect = (some: readonly string[]) => runner(["docker", kind, "inspect", ...some], TIMEOUT_MS);
  return inspect(ids).catch(async () => {
    const found = await Promise.all(ids.map((id) => inspect([id]).catch(unlessGone)));
    return JSON.stringify(found.flatMap((text) => JSON.parse(text)));
  });
}

/** Nothing for an object that is not there. An engine that is slow to answer has not said so. */
function unlessGone(error: unknown): string {
  if (/no such/i.test(lastWords(error))) return "[]";
  throw error;
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
