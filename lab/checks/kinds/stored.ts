import { environmentHost } from "../../faults/context.ts";
import { storedFaults } from "../../faults/host.ts";
import { storedNetwork } from "../../host/etcd.ts";
import type { HostSessions } from "../../host/session.ts";
import { networkOf, type ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host, network } from "../participants.ts";

export default {
  how: "the network's key is read from etcd (API v2) and compared with the engine's id",
  mayBe: "a store that was emptied, or a member of another cluster",
  probe,
  participants: (check) => [network(check.network, check.on), host(check.on)],
  causes: ({ on, ...check }, context) => storedFaults(context, environmentHost(context, on), check.network),
  marks: ({ on, ...check }, find) => ({ nodes: [find.node("network", check.network, on)] }),
} satisfies CheckKind<"stored">;

/** Checks that etcd stores a network under the id that Docker shows. */
async function probe({ network, on }: CheckOf<"stored">, sessions: HostSessions): Promise<ProbeResult> {
  const session = sessions(on);
  const { id } = await networkOf(session, network);
  const value = await storedNetwork(session, id);
  if (!value) return { passed: false, actual: `etcd has no network ${id.slice(0, 24)}` };
  const { id: kept, name } = value;
  return { passed: kept === id && name === network, actual: `${name} is ${kept.slice(0, 24)} in etcd` };
}
