import type { HostSessions } from "../../host/session.ts";
import { fetchPage } from "../fetchPage.ts";
import { addressOf, PATIENCE_SEC, type ProbeResult, runFrom } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { packetFaults } from "../packets.ts";
import { endOf } from "../participants.ts";

export default {
  how: "a page is fetched by GET, and a line of it compared with what the lesson says",
  mayBe: "a service that does not run, a back end that it cannot reach, or NAT that did not take place",
  probe,
  participants: ({ from, to }) => [...endOf(from), ...endOf(to)],
  causes: ({ from, to, port }, context) => packetFaults(context, { from, to, port, protocol: "tcp", failure: "lost" }),
  marks: ({ from, to, port }, find) => ({ nodes: [find.end(from), find.end(to, port)], links: "route" }),
} satisfies CheckKind<"http">;

/** Checks that a page is served, and that it has the expected line. */
async function probe(
  { from, to, port, expect }: CheckOf<"http">,
  sessions: HostSessions,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const url = `http://${await addressOf(sessions, to)}:${port}/`;
  const fetched = ["curl", "--noproxy", "*", "-fsS", "-m", String(PATIENCE_SEC), url];
  const body = from === "host" ? await fetchPage(url, signal) : await runFrom(sessions, from, fetched);
  if (body === undefined) return { passed: false, actual: `no page at ${url}` };
  const line = new RegExp(expect, "m").exec(body)?.[0];
  return { passed: line !== undefined, actual: line ?? `another page at ${url}: ${body.trim().slice(0, 60)}` };
}
