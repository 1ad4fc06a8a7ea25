import { quote } from "../components/lib/quote.ts";
import { sshOptions } from "../components/lib/sshOptions.ts";
import type { HostAccess } from "../stacks/checks.ts";
import { attempt, lastWords, run } from "../toolchain/run.ts";
import { SetupError } from "../toolchain/step.ts";
import { type Container, type Network, readContainers, readNetworks } from "./engine.ts";

/** How long one look at a machine may take. */
const TIMEOUT_MS = 10_000;

/** One look at a machine and its Docker engine. What the engine tells of its objects is asked for once and kept. */
export interface Machine {
  /** What a command printed there; undefined when it failed. */
  readonly attempt: (command: readonly string[]) => Promise<string | undefined>;
  /** What a command printed there; throws when it fails, or takes longer than `timeoutMs`, 10 seconds unless told. */
  readonly run: (command: readonly string[], timeoutMs?: number) => Promise<string>;
  /** The engine's containers, running or not, by name. */
  readonly containers: () => Promise<ReadonlyMap<string, Container>>;
  /** The engine's networks, by name. */
  readonly networks: () => Promise<ReadonlyMap<string, Network>>;
}

/** A probe that cannot be made because what it starts from or is aimed at is not there. */
export class Impossible extends Error {}

/** Runs a command on a machine and gives what it printed; throws when it fails. */
export type Runner = (command: readonly string[], timeoutMs: number) => Promise<string>;

/** The machine on which the runner runs commands. */
export function look(name: string, runner: Runner): Machine {
  const all = async (kind: "container" | "network") => {
    const list = kind === "container" ? ["docker", "ps", "--all", "--quiet"] : ["docker", "network", "ls", "--quiet"];
    const listed = await runner(list, TIMEOUT_MS).catch((error) => {
      throw new Impossible(`the engine of ${name} does not answer: ${lastWords(error, 1)}`);
    });
    const ids = listed.split("\n").filter((id) => id !== "");
    return ids.length === 0 ? "[]" : inspectAll(runner, kind, ids);
  };
  return {
    attempt: (command) => runner(command, TIMEOUT_MS).catch(() => undefined),
    run: (command, timeoutMs = TIMEOUT_MS) => runner(command, timeoutMs),
    containers: once(async () => byName(readContainers(await all("container")))),
    networks: once(async () => byName(readNetworks(await all("network")))),
  };
}

/** The machine that runs this command, or the one whose engine its `docker` talks to. */
export const here = (): Machine =>
  look("this machine", (command, timeoutMs) => {
    const [program = "", ...args] = command;
    return run(program, args, { timeoutMs });
  });

/** Whether the engine answers at all. */
export const engineAnswers = async (): Promise<boolean> =>
  (await attempt("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: TIMEOUT_MS })) !== undefined;

/** What the engine tells of these objects. One that went away since they were listed makes the command fail: again. */
export async function inspectAll(runner: Runner, kind: string, ids: readonly string[]): Promise<string> {
  const inspect = (some: readonly string[]) => runner(["docker", kind, "inspect", ...some], TIMEOUT_MS);
  return inspect(ids).catch(async () => {
    const found = await Promise.all(ids.map((id) => inspect([id]).catch(() => "[]")));
    return JSON.stringify(found.flatMap((text) => JSON.parse(text)));
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
export function machines(hosts: Readonly<Record<string, HostAccess>> = {}): Machines {
  const own = here();
  const known = new Map(Object.entries(hosts).map(([name, access]) => [name, look(name, overSsh(access))]));
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
  (command, timeoutMs) => {
    const options = [...sshOptions(address, hostKey, keyFile), "-p", String(port), `${user}@${address}`];
    const words = [...(sudo ? ["sudo", "-n"] : []), ...command].map(quote);
    return run("ssh", [...options, "--", words.join(" ")], { timeoutMs });
  };
