import type { HostAccess } from "../../../stacks/checks.ts";
import { vmName } from "../../../stacks/unlabelled.ts";
import { errorTail } from "../../../toolchain/run.ts";
import { LabError } from "../../cli/errors.ts";
import type { HostSession } from "../../host/session.ts";
import { engineAnswers, hostSessions } from "../../host/sessions.ts";
import { identityOf } from "../../state/environments.ts";
import { type OwnHosts, ownHosts } from "./hosts.ts";
import { type HostSearch, keyFiles, searchHost } from "./look.ts";
import { environmentOf, keeper, SWEPT_KINDS, type SweptObject, strays, whyOurs } from "./ours.ts";
import { type Inventory, listStacks, NOTHING, readInventory } from "./state.ts";

/** An orphan: an object of an environment that no state has. */
export interface Leftover extends SweptObject {
  readonly environment: string;
  readonly on: HostSession;
  /** How its owner was determined, for people. */
  readonly ours: string;
  /** Why it is not needed. */
  readonly unneeded: string;
  /** Why it cannot be removed nevertheless; undefined if it can. */
  readonly stays: string | undefined;
}

/** Orphans, and what was not inspected. */
export interface Survey {
  readonly leftovers: readonly Leftover[];
  /** Environments that are skipped because their objects may be in use. */
  readonly alone: readonly { readonly environment: string; readonly objects: number; readonly why: string }[];
  /** Warnings, one sentence each, before removing objects of environments without a state here. */
  readonly warnings: readonly string[];
  /** What could not be inspected, and why. */
  readonly unseen: readonly string[];
}

/** The environments to inspect: one; all that the backend has; or, with `all`, also those that it does not have. */
export interface Scope {
  readonly environment?: string | undefined;
  readonly all?: boolean | undefined;
}

interface SweptHost {
  readonly host: string | undefined;
  readonly on: HostSession;
}

/**
 * Finds the orphans of environments on all of their hosts; changes nothing. Throws a LabError if the named environment
 * is being updated, if a state cannot be read, or if no engine answers.
 */
export async function survey(scope: Scope, env: NodeJS.ProcessEnv = {}): Promise<Survey> {
  if (!(await engineAnswers())) throw new LabError("no Docker engine answers, so nothing can be swept");
  const here: SweptHost = { host: undefined, on: hostSessions()(undefined) };
  const [stacks, look] = await Promise.all([listStacks(env), lookHere(here.on)]);
  const found = [...look.found, ...keyFiles()];
  const named = scope.environment !== undefined;
  const names = new Set(named ? [scope.environment] : [...stacks.keys(), ...found.map(environmentOf)]);

  const leftovers: Omit<Leftover, "stays">[] = [];
  const alone: Survey["alone"][number][] = [];
  const warnings: string[] = [];
  const unseen = look.unseen.map((what) => `this host: ${what}`);
  for (const environment of [...names].sort()) {
    if (environment === undefined) continue;
    const objects = strays(found, environment, NOTHING).length;
    const leave = (why: string) => objects > 0 && alone.push({ environment, objects, why });
    if (stacks.get(environment)) {
      const problem = `an update of environment ${environment} is in progress, or died and left its lock: wait for it, or npx lab recover ${environment}`;
      if (named) throw new LabError(problem);
      leave(problem);
      continue;
    }
    const [known, own] = stacks.has(environment)
      ? await Promise.all([readInventory(environment, env), ownHosts(environment, env)])
      : [];
    if (!named && !scope.all && (known === undefined || isEmpty(known))) {
      leave(`${known ? "its state here is empty" : "it has no state here"}, and another checkout or user may have one`);
      continue;
    }
    if (known === undefined && objects > 0) warnings.push(statelessWarning(environment));
    const unneeded = known ? `not in the state of ${environment}` : `${environment} has no state here`;
    const take = (some: readonly SweptObject[], on: HostSession) => {
      for (const each of strays(some, environment, known ?? NOTHING)) {
        leftovers.push({ ...each, environment, on, ours: whyOurs(each), unneeded });
      }
    };
    take(found, here.on);
    unseen.push(...(own?.unseen ?? []));
    const isMachine = (host: string) =>
      found.some(
        (each) =>
          each.kind === "virtual machine" &&
          environmentOf(each) === environment &&
          each.name === vmName(identityOf(environment), host) &&
          !leftovers.some(({ id }) => id === each.id),
      );
    for (const { host, on } of known && own ? await placesOf(known, own, here.on, isMachine, leftovers) : []) {
      try {
        const there = await searchHost(on, host);
        take(there.found, on);
        unseen.push(...there.unseen.map((what) => `${host}: ${what}`));
      } catch (error) {
        unseen.push(`${host}: ${errorTail(error, 1)}`);
      }
    }
  }
  const sorted = leftovers
    .map((each) => ({ ...each, stays: keeper(each, leftovers) }))
    .sort((a, b) => SWEPT_KINDS.indexOf(a.kind) - SWEPT_KINDS.indexOf(b.kind));
  return { leftovers: sorted, alone, warnings, unseen };
}

const lookHere = (here: HostSession): Promise<HostSearch> =>
  searchHost(here, undefined).catch((error) => {
    throw new LabError(`this host could not be looked at, so nothing can be swept: ${errorTail(error, 1)}`);
  });

/** Orphans of one environment: see {@link survey}. */
export const findLeftovers = async (environment: string, env: NodeJS.ProcessEnv = {}): Promise<readonly Leftover[]> =>
  (await survey({ environment }, env)).leftovers;

const statelessWarning = (environment: string): string =>
  `environment ${environment} has no state here: another checkout or user may have one, npx lab recover ${environment} restores one ` +
  "that was lost; the hosts of its settings were not inspected";

const isEmpty = ({ ids, commands }: Inventory): boolean => ids.size === 0 && commands.length === 0;

/**
 * The other hosts of an environment to inspect. A practice node that is missing or an orphan is left out: its objects
 * are removed with it.
 */
async function placesOf(
  known: Inventory,
  own: OwnHosts,
  here: HostSession,
  isMachine: (host: string) => boolean,
  leftovers: readonly SweptObject[],
): Promise<SweptHost[]> {
  const containers = [...(await here.containers()).values()];
  const isContainer = ({ address }: HostAccess) =>
    containers.some(
      ({ id, running, addresses }) =>
        running && Object.values(addresses).includes(address) && !leftovers.some((each) => each.id === id),
    );
  const nodes = Object.entries(known.hosts).filter(
    ([name, access]) => !(name in own.hosts) && (isContainer(access) || isMachine(name)),
  );
  const hosts = { ...Object.fromEntries(nodes), ...own.hosts };
  const all = hostSessions(hosts);
  return Object.keys(hosts).map((host) => ({ host, on: all(host) }));
}
