import { isIPv4 } from "node:net";
import { pingAnswer, pingCommand } from "../../host/ping.ts";
import { ProbeError } from "../../host/probeError.ts";
import type { HostSessions } from "../../host/session.ts";
import { addressOf, PATIENCE_SEC, type ProbeResult, sayFrom } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { packetFaults } from "../packets.ts";
import { endOf } from "../participants.ts";

export default {
  how: "one echo request is sent (icmp(7)), and whether a reply comes is compared with what the lesson says",
  mayBe: "no way there or back, an end that is down, a firewall rule, or an aim that does not run",
  probe,
  participants: ({ from, to }) => [...endOf(from), ...endOf(to)],
  causes: ({ from, to, expect }, context) =>
    packetFaults(context, { from, to, protocol: "icmp", failure: expect === "silence" ? "arrived" : "lost" }),
  marks: ({ from, to, expect }, find) => ({
    nodes: [find.end(from), find.end(to)],
    ...(expect === "reply" && { links: "route" }),
  }),
  isSlow: ({ expect }) => expect === "silence",
} satisfies CheckKind<"ping">;

/** Checks whether an address answers an echo request (icmp(7)). */
async function probe({ from, to, size, expect }: CheckOf<"ping">, sessions: HostSessions): Promise<ProbeResult> {
  const address = await addressOf(sessions, to);
  const command = pingCommand(address, PATIENCE_SEC, size);
  // A name must be resolved by the container itself.
  const said = await sayFrom(sessions, from, command, isIPv4(address) ? "network" : "container");
  const answer = pingAnswer(said);
  if (answer === undefined) throw new ProbeError(`no ping was sent: ${said.text.split("\n").at(-1)}`);
  return { passed: answer === expect, actual: `${answer} from ${address}${size ? ` to ${size} bytes` : ""}` };
}
