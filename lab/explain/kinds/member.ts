import { etcdHealthy, etcdMembers, etcdSelf, etcdVersion, storeKeys } from "../../etcd.ts";
import { table } from "../../table.ts";
import { arithmetic, memberFaults, membersOf } from "../faults/machine.ts";
import { placeOf, type Scene } from "../scene.ts";
import { faultRows, sections } from "../tell.ts";

/** What a member of an etcd cluster is, and whether the cluster can decide anything. */
export async function explainMember(scene: Scene, name: string): Promise<string> {
  const members = membersOf(scene);
  const own = members.find((each) => each.name === name);
  const place = placeOf(scene, own?.on);
  const { machine } = place;
  const [self, version, healthy, known = [], keys, answers] = await Promise.all([
    etcdSelf(machine),
    etcdVersion(machine),
    etcdHealthy(machine),
    etcdMembers(machine),
    storeKeys(machine),
    Promise.all(members.map(({ client }) => etcdVersion(machine, client))),
  ]);
  const answering = answers.filter((answer) => answer !== undefined).length;
  return sections(
    `${name} is a member of an etcd cluster, on ${place.name}`,
    table([
      ["role", self ? `${self.role}, etcd ${version}` : "it does not answer"],
      ["clients", `${own?.client}, where the engines' store is`],
      ["peers", `${own?.peer}, where the other members speak to it`],
      ["knows", known.map((each) => `${each.name} (${each.clientURLs.join(", ")})`).join(", ") || "no members"],
      ["quorum", `${healthy ? "there is one" : "there is none"}: ${arithmetic(members.length, answering)}`],
      ["keys", `${keys.length} below /docker`],
      ...faultRows(await memberFaults(scene, place)),
    ]),
  );
}
