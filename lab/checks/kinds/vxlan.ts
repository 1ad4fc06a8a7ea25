import { parseInterfaces } from "../../host/interfaces.ts";
import { insideOverlay } from "../../host/overlayFacts.ts";
import type { HostSessions } from "../../host/session.ts";
import { addressOf, networkOf, type ProbeResult, running } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { endOf, network } from "../participants.ts";

export default {
  how: "packets that the network's VXLAN interface has sent are counted before and after echo requests (RFC 7348)",
  mayBe: "no forwarding entry for the other host, or UDP port 4789 closed between them",
  probe,
  participants: ({ from, to, ...check }) => [network(check.network, from.on), ...endOf(from), ...endOf(to)],
  marks: ({ from, to }, find) => ({ nodes: [find.end(from), find.end(to)], links: "route" }),
  runsAlone: true,
} satisfies CheckKind<"vxlan">;

/** How many echo requests are sent to see whether they leave as VXLAN. */
const REQUESTS = 5;

/** Whether packets between two hosts' containers leave through the network's VXLAN interface (RFC 7348). */
async function probe({ from, to, network }: CheckOf<"vxlan">, sessions: HostSessions): Promise<ProbeResult> {
  const session = sessions(from.on);
  const { id } = await networkOf(session, network);
  const { name } = await running(session, from.container);
  const address = await addressOf(sessions, to);
  const script = `look() { inside ip -s -d -j link show type vxlan; }
    look; docker exec "$1" ping -c ${REQUESTS} -i 0.2 "$2" >/dev/null; look`;
  const printed = await insideOverlay(session, id, script, name, address);
  const looks = (printed ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parseInterfaces(line, "ip link"));
  const [before, after] = looks.map(([first]) => first?.link);
  if (!before || !after) return { passed: false, actual: `${network} has no VXLAN interface on ${from.on}` };
  const sent = (after.tx ?? 0) - (before.tx ?? 0);
  const found = `${sent} packets more as VXLAN network ${after.vni}, for ${REQUESTS} requests`;
  return { passed: sent >= REQUESTS, actual: found };
}
