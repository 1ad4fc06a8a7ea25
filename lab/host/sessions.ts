import { isInside, withoutPrefix } from "../../components/lib/cidr.ts";
import type { HostAccess } from "../../stacks/checks.ts";
import { attempt, errorTail, run } from "../../toolchain/run.ts";
import { LabError } from "../cli/errors.ts";
import { containersByName, readContainers, SERVICE_LABEL } from "./containers.ts";
import { parseInterfaces } from "./interfaces.ts";
import { type Network, readNetworks } from "./networks.ts";
import { runOverSsh, scriptOf } from "./overSsh.ts";
import { ProbeError } from "./probeError.ts";
import type { HostSession, HostSessions } from "./session.ts";

/** How long a command on a host may take, unless the caller bounds it. */
const TIMEOUT_MS = 10_000;
/** How long the engine may take to tell of all its objects. Of networks it asks its store, which may have no quorum. */
const inspectTimeoutMs = (kind: string): number => (kind === "network" ? TIMEOUT_MS : 30_000);
/** What it says of an object that is not there. */
const GONE = /^Error.*: (.*no such |network \S+ not found)/i;

/** Runs a command on a host and gives what it printed; throws when it fails. */
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
   * Whether the containers of services' tasks matter, too: their names are not known beforehand.
   * @default false
   */
  readonly tasks?: boolean;
  /**
   * Whether it is the host that runs this command.
   * @default false
   */
  readonly local?: boolean;
}

/** The host on which the runner runs commands. */
export function openSession(
  name: string,
  runner: Runner,
  { containers, tasks = false, local = false }: LookOptions = {},
): HostSession {
  const listed = async (command: readonly string[]) => {
    const printed = await runner(command, TIMEOUT_MS).catch((error) => {
      throw new ProbeError(`the engine of ${name} does not answer: ${errorTail(error, 1)}`);
    });
    return printed.split("\n").filter((id) => id !== "");
  };
  const wanted = async (): Promise<readonly string[]> => {
    if (!containers) return listed(["docker", "ps", "--all", "--quiet"]);
    return tasks
      ? [...containers, ...(await listed(["docker", "ps", "--quiet", "--filter", `label=${SERVICE_LABEL}`]))]
      : containers;
  };
  const bound = (command: readonly string[], signal?: AbortSignal) =>
    runner(command, signal ? undefined : TIMEOUT_MS, signal);
  const reads = new Map<string, Promise<string | undefined>>();
  return {
    attempt: (command, signal) => bound(command, signal).catch(() => undefined),
    read: (command) => {
      const key = JSON.stringify(command);
      const known = reads.get(key) ?? bound(command).catch(() => undefined);
      reads.set(key, known);
      return known;
    },
    say: (command, signal) =>
      bound(command, signal).then(
        (text) => ({ ok: true, text }),
        (error) => ({ ok: false, text: `${error.stdout ?? ""}${error.stderr ?? ""}`.trim() || error.message }),
      ),
    run: (command, timeoutMs = TIMEOUT_MS) => runner(command, timeoutMs),
    local,
    containers: once(async () =>
      containersByName(readContainers(await inspected(name, runner, "container", await wanted()))),
    ),
    networks: once(async () => {
      const ids = await listed(["docker", "network", "ls", "--quiet"]);
      const networks = readNetworks(await inspected(name, runner, "network", ids));
      return byName(await Promise.all(networks.map((network) => withGateway(network, runner))));
    }),
  };
}

/**
 * The network with the address of its bridge. After its very first start an engine tells the block of docker0 and not
 * its address, which the interface has all the same.
 */
async function withGateway(network: Network, runner: Runner): Promise<Network> {
  const { driver, gateway, subnets, bridge } = network;
  if (driver !== "bridge" || gateway !== undefined) return network;
  const printed = await runner(["ip", "-j", "address", "show", "dev", bridge], TIMEOUT_MS).catch(() => "[]");
  const addresses = parseInterfaces(printed).flatMap((each) => each.addresses.map(withoutPrefix));
  return { ...network, gateway: addresses.find((address) => subnets.some((subnet) => isInside(subnet, address))) };
}

/** The host that runs this command, or the one whose engine its `docker` talks to. */
export const here = (containers?: readonly string[]): HostSession =>
  openSession("this host", runHere, { containers, local: true });

const runHere: Runner = (command, timeoutMs, signal) => {
  const [program = "", ...args] = command;
  return run(program, args, { timeoutMs, signal, env: { LC_ALL: "C" } });
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
  return runner(["docker", kind, "inspect", ...which], inspectTimeoutMs(kind)).catch((error) => {
    const { stdout = "", stderr = "" } = error;
    // What ssh remarks on its connection is none of them.
    const complaints: string[] = stderr.split("\n").filter((line: string) => /^(error|cannot)/i.test(line));
    if (complaints.length > 0 && complaints.every((line) => GONE.test(line))) return stdout;
    throw new ProbeError(`the engine of ${name} did not describe its ${kind}s: ${errorTail(error, 1)}`);
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

/** The hosts of an environment: this one, and the others over SSH. */
export function hostSessions(
  hosts: Readonly<Record<string, HostAccess>> = {},
  options: Pick<LookOptions, "containers" | "tasks"> = {},
): HostSessions {
  const own = here(options.containers);
  const known = new Map(
    Object.entries(hosts).map(([name, access]) => [name, openSession(name, overSsh(access), options)]),
  );
  return (name) => {
    if (name === undefined) return own;
    const session = known.get(name);
    if (!session) throw new LabError(`there is no host ${name} in this environment`);
    return session;
  };
}

const overSsh =
  (access: HostAccess): Runner =>
  (command, timeoutMs, signal) =>
    runOverSsh(access, scriptOf(command), {
      timeoutMs: timeoutMs === undefined ? undefined : timeoutMs * (access.slowness ?? 1),
      signal,
    });

/** The same sessions, whose commands end with the signal. */
export const bounded =
  (all: HostSessions, signal: AbortSignal): HostSessions =>
  (name) => {
    const session = all(name);
    return {
      ...session,
      attempt: (command) => session.attempt(command, signal),
      say: (command) => session.say(command, signal),
    };
  };
