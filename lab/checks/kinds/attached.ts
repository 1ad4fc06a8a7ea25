import type { HostSessions } from "../../host/session.ts";
import { type ProbeResult, running } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { container, network } from "../participants.ts";

export default {
  how: "the engine is asked for the container's networks: they must be the lesson's and no others",
  mayBe: "docker network connect or disconnect by hand, or another container of that name",
  probe,
  participants: (check) => [container(check.container), network(check.network)],
  marks: (check, find) => ({
    nodes: [find.node("container", check.container), find.node("network", check.network)],
    links: "direct",
  }),
} satisfies CheckKind<"attached">;

/** Checks which networks a container is on, and whether it has an address there. */
async function probe(
  { container, network, expect }: CheckOf<"attached">,
  sessions: HostSessions,
): Promise<ProbeResult> {
  const { addresses } = await running(sessions(undefined), container);
  const found = Object.entries(addresses).map(([name, address]) => `${name} ${address || "without an address"}`);
  const passed = Object.keys(addresses).join() === network && (addresses[network] !== "") === (expect === "address");
  return { passed, actual: found.join(", ") || "on no network" };
}
