import type { HostSessions } from "../../host/session.ts";
import { fetchPage } from "../fetchPage.ts";
import { addressOf, type ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { packetFaults } from "../packets.ts";
import { endOf } from "../participants.ts";

export default {
  how: "many visits are made at once, and every number in the answers must be there exactly once",
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
  const pages = await Promise.all(Array.from({ length: requests }, () => fetchPage(url, signal)));
  const hits = pages.map((page) => Number(/seen (\d+) times/.exec(page ?? "")?.[1] ?? Number.NaN));
  const answered = hits.filter((hit) => !Number.isNaN(hit));
  if (answered.length < requests) return { passed: false, actual: `${answered.length} of ${requests} visits answered` };
  const [least, most] = [Math.min(...hits), Math.max(...hits)];
  const distinct = new Set(hits).size;
  const found = `${distinct} different numbers from ${least} to ${most}`;
  return { passed: distinct === requests && most - least === requests - 1, actual: found };
}
