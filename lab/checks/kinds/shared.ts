import type { HostSessions } from "../../host/session.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host, network } from "../participants.ts";

export default {
  how: "each engine is asked for the id of the network: it must be one",
  mayBe: "an engine without the store, or one that lost it",
  probe,
  participants: (check) => [...check.hosts.map((on) => network(check.network, on)), ...check.hosts.map(host)],
  marks: (check, find) => ({ nodes: check.hosts.map((on) => find.node("network", check.network, on)) }),
} satisfies CheckKind<"shared">;

/** Checks that all hosts have the same network. */
async function probe({ network, hosts }: CheckOf<"shared">, sessions: HostSessions): Promise<ProbeResult> {
  const ids = await Promise.all(
    hosts.map(async (host) => (await sessions(host).networks()).get(network)?.id ?? `none on ${host}`),
  );
  const distinct = [...new Set(ids.map((id) => id.slice(0, 24)))];
  return { passed: distinct.length === 1 && !distinct[0]?.startsWith("none"), actual: distinct.join(", ") };
}
