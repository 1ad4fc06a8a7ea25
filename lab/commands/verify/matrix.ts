import pMap from "p-map";
import { hostId, parseNodeId } from "../../../components/lib/nodeId.ts";
import type { Topology, TopologyNode } from "../../../stacks/topology.ts";
import { sayFrom } from "../../checks/from.ts";
import { LabError } from "../../cli/errors.ts";
import { table } from "../../cli/table.ts";
import { ProbeError } from "../../host/probeError.ts";
import type { HostSessions } from "../../host/session.ts";
import { hostSessions } from "../../host/sessions.ts";
import type { Outputs } from "../../state/outputs.ts";
import { adjacencyOf } from "../../topology/adjacency.ts";
import { type Path, pathBetween } from "../../topology/paths.ts";
import { addressOn } from "./matrixAddresses.ts";

/** What was found of a way, beside what was expected of it. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  /** Whether there is a way, by the topology. */
  readonly expected: boolean;
  /** Whether a ping was answered; undefined where none was sent. */
  readonly actual: boolean | undefined;
  /** Why there is no way, or why no ping was sent. */
  readonly why?: string;
}

const HERE = hostId(undefined);
/** How many places pings are sent from at once. */
const AT_ONCE = 6;
/** How long a reply is waited for. */
const PATIENCE_SEC = 2;
/** Pings all addresses at once, and prints those that answer. */
const PING_ALL = `command -v ping >/dev/null || exit 127
for address; do (ping -c 1 -W ${PATIENCE_SEC} "$address" >/dev/null 2>&1 && echo "$address") & done; wait`;

/** Who reaches whom: every two network stacks of an environment, or of some of its labs, in both directions. */
export async function reachMatrix({ topology, hosts }: Outputs, labs: readonly string[] = []): Promise<Pair[]> {
  const stacks = stacksOf(topology, labs);
  const containers = topology.nodes.filter(({ kind }) => kind === "container").map(({ name }) => name);
  const all = hostSessions(hosts, { containers, tasks: topology.nodes.some(({ lab }) => lab === "swarm") });
  const rows = await pMap(stacks, (from) => rowOf(topology, all, from, stacks), { concurrency: AT_ONCE });
  return rows.flat();
}

/** The nodes with a network stack of their own; hosts belong to every lab. */
function stacksOf(topology: Topology, labs: readonly string[]): TopologyNode[] {
  const known = [...new Set(topology.nodes.flatMap(({ lab }) => lab ?? []))];
  const unknown = labs.filter((lab) => !known.includes(lab));
  if (unknown.length > 0) throw new LabError(`there is no lab ${unknown.join(", ")}; labs: ${known.join(", ")}`);
  const { stackOf } = adjacencyOf(topology);
  return topology.nodes.filter(
    ({ id, kind, lab }) =>
      ["host", "container", "namespace"].includes(kind) &&
      stackOf(id) === id &&
      (labs.length === 0 || lab === undefined || labs.includes(lab)),
  );
}

async function rowOf(
  topology: Topology,
  all: HostSessions,
  from: TopologyNode,
  stacks: readonly TopologyNode[],
): Promise<Pair[]> {
  const ways = await Promise.all(
    stacks
      .filter((to) => to !== from)
      .map(async (to) => {
        const path = pathBetween(topology, from.id, to.id);
        return { to, path, address: isTried(path) ? await addressOn(topology, all, path, to) : undefined };
      }),
  );
  const addresses = ways.flatMap(({ address }) => address ?? []);
  const { answers, why: mute } = await ask(topology, all, from, addresses);
  return ways.map(({ to, path, address }): Pair => {
    const expected = path.blocked === undefined;
    const pair = { from: from.id, to: to.id, expected };
    if (!isTried(path) || answers === undefined) return { ...pair, actual: undefined, why: path.blocked ?? mute ?? "" };
    // What does not run has no address, and is not reached.
    const found = address === undefined ? (expected ? false : undefined) : answers.has(address);
    const why = path.blocked ?? mute ?? (address === undefined ? `${to.name} has no address` : undefined);
    return { ...pair, actual: found, ...(why !== undefined && { why }) };
  });
}

/** A packet that goes astray would ask a stranger. */
const isTried = (path: Path): boolean => path.blocked === undefined || !path.astray;

/** The addresses that answer: none when nothing can be sent from there, and why; undefined without a shell there. */
async function ask(
  topology: Topology,
  all: HostSessions,
  from: TopologyNode,
  addresses: readonly string[],
): Promise<{ readonly answers?: ReadonlySet<string>; readonly why?: string }> {
  const source = sourceOf(topology, from);
  if (source === undefined) return { why: `${from.name} is outside of all hosts: no shell there` };
  try {
    const { ok, text } = await sayFrom(all, source, ["sh", "-c", PING_ALL, "ping", ...addresses], "network");
    return ok ? { answers: new Set(text.split("\n")) } : { why: `${from.name} has no program ping` };
  } catch (error) {
    if (error instanceof ProbeError) return { answers: new Set(), why: error.message };
    throw error;
  }
}

function sourceOf({ nodes }: Topology, { id, kind, name, in: inside }: TopologyNode) {
  const here = nodes.find((node) => node.kind === "host" && node.in === undefined && node.id === HERE);
  const on = inside === undefined || inside === here?.id ? {} : { on: nodes.find((node) => node.id === inside)?.name };
  if (kind === "host") return id === here?.id ? ("host" as const) : { host: name };
  if (kind === "container") return { container: name, ...on };
  return inside === undefined ? undefined : { namespace: name, ...on };
}

/** Whether what was found is what was expected. */
export const isAsExpected = ({ expected, actual }: Pair): boolean => actual === undefined || actual === expected;

const mark = ({ expected, actual }: Pair): string =>
  actual === undefined ? (expected ? "?" : ".") : actual ? (expected ? "+" : "!") : expected ? "X" : "-";

const LEGEND = [
  ["+", "reaches it, as expected"],
  ["-", "does not reach it, as expected"],
  [".", "no way, and not tried: it has no address, or the packet would leave the environment"],
  ["?", "not probed: no shell on that host"],
  ["X", "should reach it, and does not"],
  ["!", "should not reach it, and does"],
] as const;

/** The pairs as a table, a row for each source and a column for each target, with a legend. */
export function matrixTable(pairs: readonly Pair[]): string {
  const ids = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))];
  const marks = new Map(pairs.map((pair) => [`${pair.from} ${pair.to}`, mark(pair)]));
  const number = (id: string) => String(ids.indexOf(id) + 1);
  const grid = table([
    ["", "FROM \\ TO", ...ids.map(number)],
    ...ids.map((from) => [number(from), nameOf(from), ...ids.map((to) => marks.get(`${from} ${to}`) ?? "")]),
  ]);
  const used = LEGEND.filter(([sign]) => [...marks.values()].includes(sign));
  const wrong = pairs.filter((pair) => !isAsExpected(pair));
  const lines = wrong.map(({ from, to, actual, why = "" }) => {
    const reason = why && (actual ? `, although ${why}` : `: ${why}`);
    return `WRONG ${nameOf(from)} ${actual ? "reaches" : "does not reach"} ${nameOf(to)}${reason}`;
  });
  const tally = `${pairs.length} pairs, ${pairs.filter(({ actual }) => actual !== undefined).length} tried, ${wrong.length} wrong`;
  return [grid, "", table(used), ...(lines.length > 0 ? ["", ...lines] : []), "", tally].join("\n");
}

/** For people: a container by its name alone, with its host where it is another one than this. */
function nameOf(id: string): string {
  const { name, on } = parseNodeId(id);
  return id === HERE ? "this host" : [name, ...(on === undefined ? [] : [on])].join("@");
}
