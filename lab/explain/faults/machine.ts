import { failureTolerance } from "../../../components/lib/etcd.ts";
import { etcdHealthy, etcdVersion, storedNetwork } from "../../etcd.ts";
import { Impossible } from "../../machine.ts";
import type { Fault, Place, Scene } from "../scene.ts";

/** What is wrong with a machine and its engine. */
export async function machineFaults({ machine, name, on }: Place): Promise<Fault[]> {
  if ((await machine.attempt(["true"])) === undefined) {
    const says = `${name} does not answer by SSH: it is off, its address leads elsewhere, or its host key is another one`;
    return [{ says }];
  }
  try {
    await machine.containers();
    return [];
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    return [{ says: error.message, mend: `${on === undefined ? "" : `on ${on}: `}systemctl start docker` }];
  }
}

/** What is wrong with the member of an etcd cluster on a machine, and with the store of its engine. */
export async function memberFaults(scene: Scene, place: Place): Promise<Fault[]> {
  const { machine, name, on } = place;
  const members = membersOf(scene);
  const own = members.find((each) => each.on === on);
  if (!own) return [];
  if ((await machine.attempt(["pidof", "etcd"])) === undefined) {
    const mend = `on ${name}: systemctl start dockernet-etcd-${own.name}`;
    return [{ says: `no etcd runs on ${name}, so it has no part in the quorum`, mend }];
  }
  const answers = await Promise.all(members.map((each) => etcdVersion(machine, each.client)));
  const silent = members.filter((_, index) => answers[index] === undefined);
  const store = await machine.attempt(["docker", "info", "--format", "{{.ClusterStore}}"]);
  return [
    ...((await etcdHealthy(machine))
      ? []
      : [
          {
            says: `the member ${own.name} has no quorum: ${arithmetic(members.length, members.length - silent.length)}`,
          },
        ]),
    ...silent.map((each) => ({ says: `the member ${each.name} does not answer ${name} at ${each.client}` })),
    ...(store === ""
      ? [
          {
            says: `the engine of ${name} has no cluster store, so it knows no network of the others`,
            mend: `npx pulumi up -s ${scene.environment} --refresh`,
          },
        ]
      : []),
  ];
}

/** Whether etcd has what a machine's engine knows of an overlay network. Of an etcd that is silent memberFaults tells. */
export async function storedFaults(
  { environment }: Scene,
  { machine, name }: Place,
  network: string,
): Promise<Fault[]> {
  const known = (await machine.networks().catch(() => undefined))?.get(network);
  if (!known || !(await etcdHealthy(machine))) return [];
  const stored = await storedNetwork(machine, known.id);
  if (stored?.id === known.id) return [];
  const says = `etcd has no key with the id that the engine of ${name} shows for ${network}, ${known.id}: somebody removed or changed it`;
  return [{ says, mend: `npx lab recover ${environment}` }];
}

/** The members of an environment's etcd cluster. */
export const membersOf = ({ outputs: { topology } }: Scene) =>
  topology.nodes
    .filter(({ kind }) => kind === "member")
    .map(({ id, name, facts }) => ({ name, on: id.split("@")[1], client: facts.client ?? "", peer: facts.peer ?? "" }));

/** How many of a cluster's members there must be for it to decide, and how many there are. */
export const arithmetic = (size: number, answering: number): string =>
  `${answering} of ${size} members answer, ${size - failureTolerance(size)} must, so ${failureTolerance(size)} may fail`;
