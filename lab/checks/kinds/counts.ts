import { setTimeout } from "node:timers/promises";
import type { HostSessions } from "../../host/session.ts";
import { fetchPage, PAGE_MS } from "../fetchPage.ts";
import { addressOf, PATIENCE_SEC, type ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { packetFaults } from "../packets.ts";
import { endOf } from "../participants.ts";

/** Timeout of a visit, which may have to queue behind all others. */
const VISIT_MS = 5 * PATIENCE_SEC * 1_000;
/** Time between two visits in which those of others are seen. */
const LOOK_MS = 500;

export default {
  how: "many visits are made at once, and every number in the answers must be there exactly once; none may be missing, unless others visit at the same time",
  mayBe: "a port that leads nowhere, a back end that cannot be reached, or a count that is not taken in one step",
  probe,
  participants: ({ to }) => endOf(to),
  causes: ({ to, port }, context) =>
    packetFaults(context, { from: "host", to, port, protocol: "tcp", failure: "lost" }),
  marks: ({ to, port }, find) => ({ nodes: [find.host(), find.end(to, port)], links: "route" }),
  runsAlone: true,
} satisfies CheckKind<"counts">;

/** Checks that each of many concurrent requests is counted exactly once. */
async function probe(
  { to, port, requests }: CheckOf<"counts">,
  sessions: HostSessions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const url = `http://${await addressOf(sessions, to)}:${port}/`;
  const hits = await visitTogether(url, requests, signal);
  const answered = hits.filter((hit) => !Number.isNaN(hit));
  if (answered.length < requests) return { passed: false, actual: `${answered.length} of ${requests} visits answered` };
  const [least, most] = [Math.min(...hits), Math.max(...hits)];
  const distinct = new Set(hits).size;
  const found = `${distinct} different numbers from ${least} to ${most}`;
  if (distinct < requests || most - least === requests - 1) return { passed: distinct === requests, actual: found };
  return (await isVisited(url, signal))
    ? { passed: true, actual: `${found}, between those of other visitors` }
    : { passed: false, actual: found };
}

/** The number that each of many concurrent visits gets. As soon as one is answered, the others may take their time. */
async function visitTogether(url: string, visits: number, signal: AbortSignal): Promise<number[]> {
  const silent = new AbortController();
  const timer = globalThis.setTimeout(() => silent.abort(), PAGE_MS);
  const ended = AbortSignal.any([signal, silent.signal]);
  const counted = async () => {
    const hit = await visit(url, ended, VISIT_MS);
    if (!Number.isNaN(hit)) clearTimeout(timer);
    return hit;
  };
  try {
    return await Promise.all(Array.from({ length: visits }, counted));
  } finally {
    clearTimeout(timer);
  }
}

/** The number that a visit gets; NaN without an answer. */
const visit = async (url: string, signal: AbortSignal, timeoutMs?: number): Promise<number> =>
  Number(/seen (\d+) times/.exec((await fetchPage(url, signal, timeoutMs)) ?? "")?.[1] ?? Number.NaN);

/** Whether others visit the page: numbers are missing between two visits. Otherwise a visit is counted twice. */
async function isVisited(url: string, signal: AbortSignal): Promise<boolean> {
  const first = await visit(url, signal);
  await setTimeout(LOOK_MS, undefined, { signal });
  return (await visit(url, signal)) > first + 1;
}
