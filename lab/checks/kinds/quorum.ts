import { failureTolerance } from "../../../components/lib/etcd.ts";
import { etcdHealthy, etcdMembers, etcdVersion } from "../../host/etcd.ts";
import type { HostSessions } from "../../host/session.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host } from "../participants.ts";

export default {
  how: "etcd's /health commits a proposal, which needs a majority; then each member is asked for its version",
  mayBe: "members that do not run or cannot reach each other",
  probe,
  participants: ({ on }) => [host(on)],
  marks: ({ on }, find) => ({ nodes: [find.node("member", on, on)] }),
} satisfies CheckKind<"quorum">;

/** Whether a member of etcd's cluster knows of all others, and of a quorum of them that answers. */
async function probe({ on, members }: CheckOf<"quorum">, sessions: HostSessions): Promise<ProbeResult> {
  const session = sessions(on);
  const names = Object.keys(members).sort();
  const [healthy, known = [], ...answers] = await Promise.all([
    etcdHealthy(session),
    etcdMembers(session),
    ...Object.values(members).map((url) => etcdVersion(session, url)),
  ]);
  const answering = answers.filter((answer) => answer !== undefined).length;
  const alive = `${answering} of ${names.length} members answer ${on}`;
  if (!healthy) {
    const tolerated = failureTolerance(names.length);
    return { passed: false, actual: `no quorum: ${alive}, and ${names.length} tolerate ${tolerated} failures` };
  }
  const found = known.map(({ name }) => name);
  return { passed: found.join() === names.join() && answering === names.length, actual: `healthy, ${alive}` };
}
