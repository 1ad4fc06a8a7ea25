import { cableOf } from "../../host/cable.ts";
import type { HostSessions } from "../../host/session.ts";
import { networkOf, type ProbeResult, running } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { container, network } from "../participants.ts";

export default {
  how: "eth0 says the number of its other end (/sys/class/net/eth0/iflink), and the host which bridge that is a port of",
  mayBe: "a cable that was pulled out of the bridge, or another network than the lesson's",
  probe,
  participants: (check) => [container(check.container), network(check.network)],
  marks: (check, find) => ({
    nodes: [find.node("container", check.container), find.node("network", check.network)],
    links: "direct",
  }),
} satisfies CheckKind<"bridged">;

/** Checks that the other end of a container's eth0 is a port of a network's bridge. */
async function probe({ container, network }: CheckOf<"bridged">, sessions: HostSessions): Promise<ProbeResult> {
  const session = sessions(undefined);
  const { bridge } = await networkOf(session, network);
  const cable = await cableOf(session, await running(session, container));
  if (cable === undefined) return { passed: false, actual: `${container} has no eth0` };
  const { index, peer } = cable;
  if (!peer) return { passed: false, actual: `eth0@if${index}, and the host has no interface ${index}` };
  const port = `eth0@if${index} is ${peer.name}`;
  return {
    passed: peer.master === bridge,
    actual: `${port}, ${peer.master ? `a port of ${peer.master}` : "no port of a bridge"}`,
  };
}
