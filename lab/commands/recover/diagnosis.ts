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
import { type Crowded, crowdedEtcd } from "./etcd.ts";
import { type Foreign, foreigners } from "./foreign.ts";
import { refuseLive } from "./locks.ts";
import { type EngineRestart, engineRestarts } from "./restarts.ts";

/** What is the matter with an environment. */
export interface Diagnosis {
  /** The folder of the backend, where it is one of files. */
  readonly backend: string | undefined;
  /** Left behind by runs that are dead. */
  readonly orphans: readonly Process[];
  readonly locks: readonly Lock[];
  /** The copy that is to take the state's place, and what is the matter with the state. */
  readonly lost: Lost | undefined;
  /** Where the environment is on another engine and is to move to this one: which that is, and what remembers it. */
  readonly move: { readonly why: string; readonly record: string } | undefined;
  /** What a run was about to do when it died. */
  readonly pending: readonly string[];
  /** Undefined where nothing can be proven: the state is lost, the last run did not get to its end, or a host is off. */
  readonly results: readonly Result[] | undefined;
  readonly foreign: readonly Foreign[];
  /** Whether its practice nodes are virtual machines. */
  readonly onVms: boolean;
  /** Virtual machines of the environment that do not run as they should. */
  readonly machines: readonly HostMachine[];
  /** Engines that have lost the firewall rules of their networks, or have stray threads. */
  readonly restarts: readonly EngineRestart[];
  /** The etcd cluster whose database is at its quota. */
  readonly crowded?: Crowded | undefined;
}

/** What only a look at the hosts tells. */
const UNKNOWN = { results: undefined, foreign: [], onVms: false, machines: [], restarts: [] };

/**
 * Looks at an environment; changes nothing. Throws a LabError for one that cannot be, or need not be,
 * recovered, and for one on another engine unless it `moves`.
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
  const foreign = await foreignersOf(environment, outputs, results);
  const crowded = outputs && fails ? await crowdedEtcd(environment, outputs) : undefined;
  return { ...left, lost: undefined, move, pending, results, foreign, onVms, machines, restarts, crowded };
}

async function faultyMachines(environment: string, { topology }: Outputs): Promise<HostMachine[]> {
  const names = machineNames(topology);
  if (names.size === 0) return [];
  const seen = await readMachines(hostSessions()(undefined));
  const owner = ownerOf(identityOf(environment));
  return (expectedMachines(names, owner, seen) ?? []).filter(({ state }) => state !== "running");
}

/** What is not ours and may be why checks fail; nothing where none does. */
export const foreignersOf = async (environment: string, outputs?: Outputs, results: readonly Result[] = []) =>
  outputs && results.some(({ passed }) => !passed) ? foreigners(environment, outputs, results) : [];
