import { setTimeout } from "node:timers/promises";
import { failureTolerance } from "../../../components/lib/etcd.ts";
import { objectName } from "../../../components/lib/identity.ts";
import { hostId, parseNodeId } from "../../../components/lib/nodeId.ts";
import { slowest } from "../../checks/probe.ts";
import { type Context, contextOf, environmentHost } from "../../faults/context.ts";
import { managersOf, nodesOfAny, type SwarmNode, type SwarmSelf, swarmSelf } from "../../host/swarm.ts";
import { identityOf } from "../../state/environments.ts";
import type { Outputs } from "../../state/outputs.ts";

/**
 * What is left of a node of a swarm: its engine is in the swarm (`there`) or in none (`left`), has the data of a node that cannot take
 * part or that the managers do not list (`excluded`), or its host does not answer, for now (`silent`) or since it was removed with
 * its data (`removed`).
 */
export type NodeState = "there" | "left" | "excluded" | "silent" | "removed";

/** A majority of managers that is lost with its data. */
export interface LostMajority {
  /** The manager that goes on alone. */
  readonly survivor: string;
  /** Other managers that are in the swarm. */
  readonly others: readonly string[];
  readonly lost: readonly string[];
}

/** What a swarm has lost. */
export interface SwarmLosses {
  readonly majority: LostMajority | undefined;
  /** Practice nodes whose containers do not run. */
  readonly off: readonly string[];
  /** The manager that lets the others in, if it is in no swarm while other managers are. */
  readonly first: string | undefined;
  /** All other nodes whose engine is in no swarm. */
  readonly left: readonly string[];
  /** Nodes that must leave before they can join again, the first manager among them. */
  readonly excluded: readonly string[];
}

/** How long a leader may answer without the others, on a host of usual speed, and the time between two looks. */
const LEADER_MS = 30_000;
const LOOK_MS = 1_000;

/** {@link SwarmLosses}, from the states of the nodes. `managers` begins with the first one. */
export function lossesOf(
  managers: readonly string[],
  states: ReadonlyMap<string, NodeState>,
  { hasQuorum, off = [] }: { readonly hasQuorum: boolean; readonly off?: readonly string[] },
): SwarmLosses {
  const are = (names: readonly string[], ...wanted: NodeState[]) =>
    names.filter((name) => wanted.includes(states.get(name) ?? "silent"));
  const lost = are(managers, "left", "removed");
  const [survivor, ...others] = are(managers, "there");
  const isForGood = lost.length > failureTolerance(managers.length);
  // Data without a majority may be the last copy.
  const excluded = hasQuorum ? are([...states.keys()], "excluded") : [];
  const first = [...lost, ...excluded].find((name) => name === managers[0] && survivor !== undefined);
  return {
    majority: !hasQuorum && isForGood && survivor !== undefined ? { survivor, others, lost } : undefined,
    off,
    first,
    left: [...are([...states.keys()], "left"), ...excluded].filter((name) => name !== first),
    excluded,
  };
}

/** What the swarm of an environment has lost; undefined if it has no swarm. */
export async function swarmLosses(environment: string, outputs: Outputs): Promise<SwarmLosses | undefined> {
  const check = outputs.checks.find(({ kind }) => kind === "swarmNodes");
  if (check?.kind !== "swarmNodes") return undefined;
  const context = contextOf(environment, outputs);
  const names = Object.keys(check.expect);
  const managers = managersOf(check);
  const ask = () => nodesOfAny((name) => environmentHost(context, name).session, managers).catch(() => undefined);
  const nodes = await ask();
  const found = new Map(
    await Promise.all(names.map(async (name) => [name, await foundOn(context, name, nodes)] as const)),
  );
  const states = new Map([...found].map(([name, { state }]) => [name, state]));
  const running = await here(context);
  const off = running ? names.filter((name) => isOff(context, name, running)) : [];
  const hasQuorum =
    nodes !== undefined && !(losesQuorum(nodes, found) && (await isLeaderless(ask, slowest(outputs.hosts))));
  return lossesOf(managers, states, { hasQuorum, off });
}

/** What was found on the host of a node. */
export interface FoundNode {
  readonly state: NodeState;
  /** The id of the node that the engine there is; undefined if it is none. */
  readonly nodeId?: string | undefined;
}

/**
 * Whether so many of the listed managers are lost with their data that there is no majority, although one still answers: the
 * leader notices after some seconds, and until then it would let nodes join that it could not let in.
 */
export function losesQuorum(
  nodes: readonly Pick<SwarmNode, "id" | "name" | "role">[],
  found: ReadonlyMap<string, FoundNode>,
): boolean {
  const listed = nodes.filter(({ role }) => role === "manager");
  const lost = listed.filter(({ id, name }) => {
    const { state = "silent", nodeId } = found.get(name) ?? {};
    return state !== "silent" && nodeId !== id;
  });
  return lost.length > failureTolerance(listed.length);
}

/** Waits until no manager answers any more; false if one goes on answering. */
async function isLeaderless(ask: () => Promise<unknown>, slowness: number): Promise<boolean> {
  const end = Date.now() + LEADER_MS * slowness;
  do {
    if ((await ask()) === undefined) return true;
    await setTimeout(LOOK_MS);
  } while (Date.now() < end);
  return false;
}

const here = ({ here }: Context) => here.session.containers().catch(() => undefined);

/** The container that a host is, of a practice node. */
function containerOf({ outputs }: Context, name: string): string | undefined {
  const within = outputs.topology.nodes.find(({ id }) => id === hostId(name))?.in;
  return within === undefined ? undefined : parseNodeId(within).name;
}

function isOff(context: Context, name: string, all: ReadonlyMap<string, { readonly running: boolean }>): boolean {
  const container = containerOf(context, name);
  return container !== undefined && !all.get(container)?.running;
}

async function foundOn(
  context: Context,
  name: string,
  nodes: readonly Pick<SwarmNode, "id">[] | undefined,
): Promise<FoundNode> {
  const self = await swarmSelf(environmentHost(context, name).session);
  if (self?.state === "inactive") return { state: "left" };
  if (self) {
    return { state: self.state === "error" || isUnlisted(self, nodes) ? "excluded" : "there", nodeId: self.nodeId };
  }
  return { state: (await isRemoved(context, name)) ? "removed" : "silent" };
}

/** Whether the managers do not have a node in their list that its engine says it is: it was removed there. */
const isUnlisted = (
  { nodeId }: Pick<SwarmSelf, "nodeId">,
  nodes: readonly Pick<SwarmNode, "id">[] | undefined,
): boolean => nodeId !== "" && nodes !== undefined && !nodes.some(({ id }) => id === nodeId);

/** Whether a practice node was removed with its volume, on which the data of its engine was. */
async function isRemoved(context: Context, name: string): Promise<boolean> {
  if (containerOf(context, name) === undefined) return false;
  const volumes = await context.here.session.attempt(["docker", "volume", "ls", "--quiet"]);
  const own = objectName(identityOf(context.environment), `${name}-docker`);
  return volumes !== undefined && !volumes.split("\n").includes(own);
}
