import { type Context, containersOf, type EnvironmentHost } from "../../../faults/context.ts";
import { hostFaults, memberFaults } from "../../../faults/host.ts";
import { clusterStore, engineVersion, swarmRole } from "../../../host/engineInfo.ts";
import { etcdSelf } from "../../../host/etcd.ts";
import { interfacesOf } from "../../../host/interfaces.ts";
import { machineNames } from "../../../host/machines.ts";
import type { Network } from "../../../host/networks.ts";
import { routesOf } from "../../../host/routes.ts";
import { type Explanation, explanation, faultRows, labelled } from "../format.ts";
import { inWords } from "./network.ts";

/** What a host is: its engine, its interfaces, its routes. */
export async function explainHost(context: Context, host: EnvironmentHost): Promise<Explanation> {
  const { session, name, on } = host;
  const machine = on === undefined ? undefined : machineNames(context.outputs.topology).get(on);
  const head =
    on === undefined
      ? "this host runs the lab command"
      : `${name} is a host of the environment, at ${context.outputs.hosts[on]?.address}`;
  const faults = await hostFaults(host);
  if (faults.length > 0) return explanation(faults, head, labelled(faultRows(faults)));
  const wrong = [...((await host.machine?.()) ?? []), ...(await memberFaults(context, host))];
  const [engine, store, role, member, routes] = await Promise.all([
    engineVersion(session),
    clusterStore(session),
    swarmRole(session),
    on === undefined ? undefined : etcdSelf(session),
    routesOf(session),
  ]);
  const containers = [...(await containersOf(host)).values()];
  const own = containers.filter(({ labels }) => labels["dockernet.stack"] === context.environment);
  const interfaces = await interfacesOf(session);
  const networks = [...(await session.networks()).values()].filter(({ driver }) => driver === "bridge");
  const others = networks.filter(
    ({ name: each, labels }) => each !== "bridge" && labels["dockernet.stack"] !== context.environment,
  );
  const foreign = new Set(others.map(({ bridge }) => bridge));
  const shown = interfaces.filter(
    ({ kind, name: each, addresses }) => (kind !== "veth" || addresses.length > 0) && !foreign.has(each),
  );
  return explanation(
    wrong,
    head,
    labelled([
      ...(machine === undefined ? [] : [["machine", `the virtual machine ${machine}, which QEMU runs on this host`]]),
      [
        "engine",
        `Docker ${engine ?? "that does not tell its version"}, with ${containers.length} containers, ${own.length} of this environment`,
      ],
      role === undefined
        ? ["store", store?.url || "none: its networks are its own"]
        : ["swarm", `${role}: networks of several hosts are kept by the managers`],
      ...(member ? [["etcd", `member ${member.name}, ${member.role}`]] : []),
      ...shown.map((each) => ["interface", `${inWords(each)}${ofNetwork(networks, each.name)}`]),
      [
        "beside",
        `${interfaces.length - shown.length} ends of cables, and bridges of networks that are not the environment's`,
      ],
      ...routes
        .filter((route) =>
          shown.some((each) => route.includes(` dev ${each.name} `) || route.endsWith(` dev ${each.name}`)),
        )
        .map((route) => ["route", route.trim()]),
      ...faultRows(wrong),
    ]),
  );
}

const ofNetwork = (networks: readonly Network[], bridge: string): string => {
  const network = networks.find((each) => each.bridge === bridge);
  return network ? ` of the network ${network.name}` : "";
};
