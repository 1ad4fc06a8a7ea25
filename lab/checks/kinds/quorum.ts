import { failureTolerance } from "../../../components/lib/etcd.ts";
import { etcdRoom, roomProblems } from "../../host/etcd/room.ts";
import { etcdHealthy, etcdMembers, etcdVersion } from "../../host/etcd.ts";
import type { HostSessions } from "../../host/session.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host } from "../participants.ts";

export default {
  how: "a v2 read by quorum is committed, which needs a majority; each member is asked for its version, and the own one for alarms, database size and disk space",
  mayBe: "members that do not run or cannot reach each other, a full disk, or a database at its quota",
  probe,
  participants: ({ on }) => [host(on)],
  marks: ({ on }, find) => ({ nodes: [find.node("member", on, on)] }),
} satisfies CheckKind<"quorum">;

/** Checks that an etcd member knows all others, that they answer and have a quorum, and that it has room to write. */
async function probe({ on, members }: CheckOf<"quorum">, sessions: HostSessions): Promise<ProbeResult> {
  const session = sessions(on);
  const names = Object.keys(members).sort();
  const [healthy, known = [], room, ...answers] = await Promise.all([
    etcdHealthy(session),
    etcdMembers(session),
    etcdRoom(session, on, Object.values(members)),
    ...Object.values(members).map((url) => etcdVersion(session, url)),
  ]);
  const answering = answers.filter((answer) => answer !== undefined).length;
  const alive = `${answering} of ${names.length} members answer ${on}`;
  const problems = (room ? roomProblems(room) : []).map(({ title }) => `; ${title}`).join("");
  if (!healthy) {
    const tolerated = failureTolerance(names.length);
    return {
      passed: false,
      actual: `no quorum: ${alive}, and ${names.length} tolerate ${tolerated} failures${problems}`,
    };
  }
  const found = known.map(({ name }) => name);
  return {
    passed: found.join() === names.join() && answering === names.length && problems === "",
    actual: `${problems === "" ? "healthy" : "quorum"}, ${alive}${problems}`,
  };
}
