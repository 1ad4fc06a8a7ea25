import { LabError } from "../../cli/errors.ts";
import { contextOf, environmentHost } from "../../faults/context.ts";
import { membersOf } from "../../faults/host.ts";
import { etcdRoom, roomProblems } from "../../host/etcd/room.ts";
import { etcdScript } from "../../host/etcd/script.ts";
import type { Outputs } from "../../state/outputs.ts";

/** An etcd cluster whose database is at its quota. */
export interface Crowded {
  readonly what: string;
  /** Drops old revisions, shrinks each member's database and turns the alarm off. Keys keep their values. */
  readonly relieve: () => Promise<void>;
}

/** The environment's cluster, if its database is at its quota. */
export async function crowdedEtcd(environment: string, outputs: Outputs): Promise<Crowded | undefined> {
  const context = contextOf(environment, outputs);
  const members = membersOf(context).map(({ name, on, client }) => ({
    name,
    client,
    session: environmentHost(context, on).session,
  }));
  const clients = members.map(({ client }) => client);
  const fullness = async () => {
    const rooms = await Promise.all(members.map(({ name, session }) => etcdRoom(session, name, clients)));
    return rooms.flatMap((room) => (room ? roomProblems(room) : [])).find(({ cure }) => cure === "compact");
  };
  const problem = await fullness();
  const [first] = members;
  if (!problem || !first) return undefined;
  return {
    what: `etcd: ${problem.title}`,
    relieve: async () => {
      await etcdScript(first, "room", "compact", { NAME: first.name });
      // One at a time: a member does not answer while its database is rewritten.
      for (const member of members) await etcdScript(member, "room", "defrag", { NAME: member.name });
      await etcdScript(first, "room", "disarm", { NAME: first.name });
      const still = await fullness();
      if (still) {
        throw new LabError(
          `${still.title}, also without old revisions: delete v3 keys, or raise the etcd flag quota-backend-bytes`,
        );
      }
    },
  };
}
