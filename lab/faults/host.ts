import { failureTolerance } from "../../components/lib/etcd.ts";
import { hostOf } from "../../components/lib/nodeId.ts";
import type { TopologyNode } from "../../stacks/topology.ts";
import { clusterStore } from "../host/engineInfo.ts";
import { enginesOf, hindrances, restartOf } from "../host/engineSettings.ts";
import type { Unfit } from "../host/engineVerdicts.ts";
import { hostCertificates, judgeCertificates } from "../host/etcd/certificates.ts";
import { etcdRoom, type RoomProblem, roomProblems } from "../host/etcd/room.ts";
import { etcdHealthy, etcdVersion, storedNetwork } from "../host/etcd.ts";
import { ProbeError } from "../host/probeError.ts";
import type { Context, EnvironmentHost, Fault } from "./context.ts";

/** Why nothing can be seen on a host: it does not answer. */
async function reachFaults({ session, name, machine }: EnvironmentHost): Promise<Fault[]> {
  if ((await session.read(["true"])) !== undefined) return [];
  const own = (await machine?.()) ?? [];
  if (own.length > 0) return own;
  const title = `${name} does not answer by SSH: it is off, its address leads elsewhere, or its host key is another one`;
  return [{ title, unseen: true }];
}

/** Why an object of that kind cannot be seen on its host; none when it can, or is not there. */
export const unseenFaults = (host: EnvironmentHost, kind: TopologyNode["kind"]): Promise<Fault[]> =>
  kind === "namespace" ? reachFaults(host) : hostFaults(host);

/** What is wrong with a host and its engine: nothing is to be seen without either. */
export async function hostFaults(host: EnvironmentHost): Promise<Fault[]> {
  const { session, on } = host;
  const unreached = await reachFaults(host);
  if (unreached.length > 0) return unreached;
  try {
    await session.containers();
    return [];
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return [
      { title: error.message, fix: `${on === undefined ? "" : `on ${on}: `}systemctl start docker`, unseen: true },
    ];
  }
}

/** Settings of an engine with which labs cannot do what they say, as faults. */
export const unfitFaults = (unfit: readonly Unfit[]): Fault[] =>
  unfit.map(({ setting, why, fix }) => ({ title: `the engine runs with ${setting}: ${why}`, fix }));

/** What keeps engines of an environment from reaching each other, though each answers. */
export async function gossipFaults(hosts: readonly EnvironmentHost[]): Promise<Fault[]> {
  const engines = await enginesOf(hosts.filter(({ on }) => on !== undefined));
  const found = hindrances(engines);
  return [...engines].flatMap(([name, settings]) =>
    (found.get(name) ?? []).map((title) => ({ title, fix: `on ${name}: ${restartOf(settings)}` })),
  );
}

/** What is wrong with the member of an etcd cluster on a host, and with the store of its engine. */
export async function memberFaults(context: Context, host: EnvironmentHost): Promise<Fault[]> {
  const { session, name, on } = host;
  const members = membersOf(context);
  const own = members.find((each) => each.on === on);
  if (!own) return [];
  const unreached = await reachFaults(host);
  if (unreached.length > 0) return unreached;
  const room = await etcdRoom(
    session,
    own.name,
    members.map(({ client }) => client),
  );
  const answers = await Promise.all(members.map((each) => etcdVersion(session, each.client)));
  const silent = members.filter((_, index) => answers[index] === undefined);
  const crowded = (room ? roomProblems(room) : []).map(({ title, cure }) => ({
    title: `etcd on ${name}: ${title}`,
    fix: curesOf(context.environment, name, silent.length <= failureTolerance(members.length))[cure],
  }));
  if ((await session.read(["pidof", "etcd"])) === undefined) {
    if (crowded.length > 0) return crowded;
    return [
      {
        title: `no etcd runs on ${name}, so it has no part in the quorum`,
        fix: `on ${name}: systemctl start dockernet-etcd-${own.name}`,
      },
    ];
  }
  const certificates = judgeCertificates((await hostCertificates(session)) ?? [], addressOf(own.client), new Date());
  const store = await clusterStore(session);
  return [
    ...crowded,
    ...(certificates?.problems ?? []).map((title) => ({ title: `${name}: ${title}`, fix: RENEW })),
    ...((await etcdHealthy(session))
      ? []
      : [
          {
            title: `the member ${own.name} has no quorum: ${arithmetic(members.length, members.length - silent.length)}`,
          },
        ]),
    ...silent.map((each) => ({ title: `the member ${each.name} does not answer ${name} at ${each.client}` })),
    ...(store?.url === ""
      ? [
          {
            title: `the engine of ${name} has no cluster store, so it knows no network of the others`,
            fix: `npx pulumi up -s ${context.environment} --refresh`,
          },
        ]
      : []),
  ];
}

/** How certificates are renewed. */
export const RENEW =
  "set another word for rotation in dockernet:overlay: {certificates: {rotation: WORD}}, then npx pulumi up";

/** The address in a URL. */
export const addressOf = (url: string): string => URL.parse(url)?.hostname ?? "";

const curesOf = (
  environment: string,
  host: string,
  haveQuorum: boolean,
): Readonly<Record<RoomProblem["cure"], string>> => ({
  free: `on ${host}: free disk space, such as that of journalctl --vacuum-size=50M; etcd then starts by itself`,
  compact: `npx lab recover ${environment}`,
  replace: `npx lab ${haveQuorum ? "recover" : "restore"} ${environment}`,
  restore: `npx lab restore ${environment}`,
});

/** Whether etcd has what a host's engine knows of an overlay network. Of an etcd that is silent memberFaults tells. */
export async function storedFaults(
  { environment }: Context,
  { session, name }: EnvironmentHost,
  network: string,
): Promise<Fault[]> {
  const known = (await session.networks().catch(() => undefined))?.get(network);
  if (!known || !(await etcdHealthy(session))) return [];
  const stored = await storedNetwork(session, known.id);
  if (stored?.id === known.id) return [];
  const title = `etcd has no key with the id that the engine of ${name} shows for ${network}, ${known.id}: removed or changed by hand`;
  return [{ title, fix: `npx lab recover ${environment}` }];
}

/** The members of an environment's etcd cluster. */
export const membersOf = ({ outputs: { topology } }: Context) =>
  topology.nodes
    .filter(({ kind }) => kind === "member")
    .map(({ id, name, facts }) => ({ name, on: hostOf(id), client: facts.client ?? "", peer: facts.peer ?? "" }));

/** How many of a cluster's members there must be for it to decide, and how many there are. */
export const arithmetic = (size: number, answering: number): string =>
  `${answering} of ${size} members answer, ${size - failureTolerance(size)} must, so ${failureTolerance(size)} may fail`;
