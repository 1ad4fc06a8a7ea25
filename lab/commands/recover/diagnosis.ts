import { ownerOf } from "../../../components/lib/identity.ts";
import { PROJECT } from "../../../toolchain/environment.ts";
import { backendFolder } from "../../../toolchain/fileBackend.ts";
import { errorTail } from "../../../toolchain/run.ts";
import { type Result, verify } from "../../checks/verify.ts";
import { LabError } from "../../cli/errors.ts";
import { expectedMachines, type HostMachine, machineNames, readMachines } from "../../host/machines.ts";
import { orphans, type Process, processes } from "../../host/processes.ts";
import { hostSessions } from "../../host/sessions.ts";
import { backendUrl } from "../../state/backend.ts";
import { engineProblem, engineRecord } from "../../state/engineIdentity.ts";
import { identityOf } from "../../state/environments.ts";
import { type Lock, readLocks } from "../../state/locks.ts";
import { type Lost, lostState, notUp } from "../../state/lost.ts";
import { type Outputs, readOutputs } from "../../state/outputs.ts";
import { readExport } from "../../state/stackExport.ts";
import { type Detached, detachedContainers } from "./detached.ts";
import { staleEndpoints } from "./endpoints.ts";
import { type Crowded, crowdedEtcd } from "./etcd.ts";
import { type Foreign, foreigners } from "./foreign.ts";
import { refuseLive } from "./locks.ts";
import { type SwarmLosses, swarmLosses } from "./losses.ts";
import { type EngineRestart, engineRestarts } from "./restarts.ts";

/** The condition of an environment. */
export interface Diagnosis {
  /** Folder of the backend; undefined unless it is a file backend. */
  readonly backend: string | undefined;
  /** Processes that a killed run has left running. */
  readonly orphans: readonly Process[];
  readonly locks: readonly Lock[];
  /** The copy that replaces the state, and what is wrong with the state. */
  readonly lost: Lost | undefined;
  /** Set if the environment is on another engine and moves to this one: that engine, and the URN of its record. */
  readonly move: { readonly why: string; readonly record: string } | undefined;
  /** Operations that a killed run had begun. */
  readonly pending: readonly string[];
  /** Undefined if checks cannot run: the state is lost, the last run was interrupted, or a host is off. */
  readonly results: readonly Result[] | undefined;
  readonly foreign: readonly Foreign[];
  /** Whether its practice nodes are virtual machines. */
  readonly onVms: boolean;
  /** Virtual machines of the environment that do not run as they should. */
  readonly machines: readonly HostMachine[];
  /** Engines that have lost the firewall rules of their networks, or have stray threads. */
  readonly restarts: readonly EngineRestart[];
  /** Containers that cannot start, because a crash has left their endpoints in the cluster store. */
  readonly endpoints: readonly string[];
  /** The etcd cluster whose database is at its quota. */
  readonly crowded?: Crowded | undefined;
  /** What the swarm has lost, if checks fail. */
  readonly swarm?: SwarmLosses | undefined;
  /** Containers that are no longer on networks of the swarm, if checks fail. */
  readonly detached?: readonly Detached[] | undefined;
}

/** Values if the hosts were not inspected. */
const UNKNOWN = { results: undefined, foreign: [], onVms: false, machines: [], restarts: [], endpoints: [] };

/**
 * Inspects an environment; changes nothing. Throws a LabError if it cannot be recovered, is not up, or is on another
 * engine and does not move (`moves`).
 */
export async function diagnose(environment: string, moves = false): Promise<Diagnosis> {
  const url = await backendUrl();
  const backend = backendFolder(url);
  const all = processes();
  const locks = backend ? readLocks(backend, environment) : [];
  refuseLive(environment, locks, all, url);
  const left = { backend, locks, orphans: orphans(all, { checkout: PROJECT, backendUrl: url }) };

  const lost = backend && (await lostState(backend, environment));
  if (lost) return { ...left, ...UNKNOWN, lost, move: undefined, pending: [] };
  const { pending, resources } = await readExport(environment).catch((error) => {
    throw new LabError(`the state of environment ${environment} could not be read:\n${errorTail(error, 3)}`);
  });
  if (resources.length === 0 && pending.length === 0) throw notUp(environment);
  const why = await engineProblem(resources);
  if (why !== undefined && !moves) throw new LabError(why);
  const move = why === undefined ? undefined : { why, record: engineRecord(resources)?.urn ?? "" };
  if (move) return { ...left, ...UNKNOWN, lost: undefined, move, pending };
  const outputs = await readOutputs(environment).catch(() => undefined);
  const onVms = outputs !== undefined && machineNames(outputs.topology).size > 0;
  const machines = outputs ? await faultyMachines(environment, outputs) : [];
  // Checks on a host that is off would only wait for it.
  const isOff = machines.some(({ state }) => state !== "unsupervised");
  const results = isOff ? undefined : outputs && (await verify(outputs));
  const fails = results?.some(({ passed }) => !passed) ?? false;
  const restarts = outputs && fails ? await engineRestarts(environment, outputs) : [];
  const endpoints = outputs && fails ? await staleEndpoints(outputs) : [];
  const foreign = await foreignersOf(environment, outputs, results);
  const crowded = outputs && fails ? await crowdedEtcd(environment, outputs) : undefined;
  const swarm = outputs && fails ? await swarmLosses(environment, outputs) : undefined;
  const detached = outputs && fails ? await detachedContainers(outputs) : undefined;
  return {
    ...left,
    lost: undefined,
    move,
    pending,
    results,
    foreign,
    onVms,
    machines,
    restarts,
    endpoints,
    crowded,
    swarm,
    detached,
  };
}

async function faultyMachines(environment: string, { topology }: Outputs): Promise<HostMachine[]> {
  const names = machineNames(topology);
  if (names.size === 0) return [];
  const seen = await readMachines(hostSessions()(undefined));
  const owner = ownerOf(identityOf(environment));
  return (expectedMachines(names, owner, seen) ?? []).filter(({ state }) => state !== "running");
}

/** Objects of other owners that may cause failed checks; none if all checks pass. */
export const foreignersOf = async (environment: string, outputs?: Outputs, results: readonly Result[] = []) =>
  outputs && results.some(({ passed }) => !passed) ? foreigners(environment, outputs, results) : [];
