import { endsIn } from "../../../faults/cable.ts";
import { type Context, containersOf, type EnvironmentHost } from "../../../faults/context.ts";
import { networkFaults } from "../../../faults/network.ts";
import { storeKeys } from "../../../host/etcd.ts";
import { isolationOf, masquerade } from "../../../host/firewall/needed.ts";
import { firewallOf } from "../../../host/firewall/read.ts";
import { type Interface, interfacesOf } from "../../../host/interfaces.ts";
import type { Network } from "../../../host/networks.ts";
import { overlayFacts } from "../../../host/overlayFacts.ts";
import { type Explanation, explanation, faultRows, labelled } from "../format.ts";

/** Docker's name server in the containers of user-defined networks (libnetwork, resolver). */
const NAME_SERVER = "127.0.0.11 in each container, which knows the names of all";

/** What a network is on one host, and who is on it. */
export async function explainNetwork(context: Context, host: EnvironmentHost, network: Network): Promise<Explanation> {
  const { name, driver, id } = network;
  const head = (what: string) => `${name} is ${what} on ${host.name}, id ${id.slice(0, 12)}`;
  const faults = await networkFaults(context, host, name);
  if (driver === "host")
    return explanation(faults, head(`the network of the host: its containers share the network namespace`));
  if (driver === "null")
    return explanation(faults, head(`no network: its containers have a loopback and nothing else`));
  if (driver === "overlay") {
    return explanation(
      faults,
      head("an overlay network, one for several hosts, as seen"),
      await overlayTable(host, network, faultRows(faults)),
    );
  }
  if (driver === "macvlan") {
    return explanation(
      faults,
      head("a macvlan network, whose containers are on the LAN of its parent,"),
      labelled([...(await macvlanRows(host, network)), ...faultRows(faults)]),
    );
  }
  return explanation(
    faults,
    head(`a bridge network`),
    labelled([...(await bridgeRows(host, network)), ...faultRows(faults)]),
  );
}

const address = ({ subnets, gateway, name }: Network): string[][] => [
  ["subnet", subnets.join(", ") || "none"],
  ["gateway", gateway ?? "none"],
  ["names", name === "bridge" ? "none: docker0 has no name server, only legacy links give names" : NAME_SERVER],
];

async function bridgeRows(host: EnvironmentHost, network: Network): Promise<string[][]> {
  const { session } = host;
  const [interfaces, firewall] = [await interfacesOf(session), await firewallOf(session)];
  const bridge = interfaces.find((each) => each.name === network.bridge);
  const whose = await ownersOf(host, network);
  const ports = interfaces.filter(({ master }) => master === network.bridge);
  const nat = firewall && masquerade(firewall, network.subnets[0] ?? "");
  const apart = firewall ? isolationOf(firewall, network.bridge) : [];
  return [
    ...address(network),
    [
      "bridge",
      bridge ? `${bridge.name} ${[bridge.state, ...bridge.addresses].join(" ")}` : `${network.bridge} is not there`,
    ],
    ...ports.map((port) => [
      "port",
      `${port.name} ${port.state}, the other end of ${whose.get(port.index) ?? "an interface that is not visible from this host"}`,
    ]),
    ...(firewall ? [] : [["rules", "only root can list the firewall's"]]),
    ...(nat ? [["NAT", nat.text]] : []),
    ...apart.map(({ text }) => ["isolation", text]),
  ];
}

async function macvlanRows(host: EnvironmentHost, network: Network): Promise<string[][]> {
  const { parent = "" } = network.options;
  const found = (await interfacesOf(host.session)).find((each) => each.name === parent);
  const members = [...(await containersOf(host)).values()].filter(({ addresses }) => network.name in addresses);
  return [
    ...address(network),
    [
      "parent",
      found ? `${inWords(found)}; it does not talk with its own macvlan interfaces` : `${parent} is not visible`,
    ],
    ["mode", network.options.macvlan_mode ?? "bridge"],
    ...members.map(({ name, addresses }) => ["container", `${name}, ${addresses[network.name]}`]),
    ["rules", "none: frames leave by the parent, without NAT and without the host's firewall"],
  ];
}

/** By the number of a host's interface, what is at the other end of the cable: `eth0 of NAME, ADDRESS`. */
async function ownersOf(host: EnvironmentHost, { name }: Network): Promise<ReadonlyMap<number, string>> {
  const members = [...(await containersOf(host)).values()].filter(
    ({ running, addresses }) => running && name in addresses,
  );
  const found = await Promise.all(
    members.map(async (container) => {
      const ends = (await endsIn(host, container)) ?? [];
      return ends.flatMap(({ own, peer }): [number, string][] =>
        peer ? [[peer.index, `${own.name} of ${container.name}, ${own.addresses.join(", ")}`]] : [],
      );
    }),
  );
  return new Map(found.flat());
}

/** By the scope of an overlay network: who keeps it, what must be open between hosts, and what its loss comes to. */
const GENERATIONS: Readonly<Record<string, string[][]>> = {
  global: [
    ["kept by", "etcd, the cluster store of every engine, so every engine shows it"],
    ["ports", "TCP 2379 and 2380 (etcd), TCP and UDP 7946 (gossip of the engines), UDP 4789 (VXLAN)"],
    ["without etcd", "containers still reach each other; no network or container can be created on it"],
  ],
  swarm: [
    ["kept by", "the managers of the swarm, in their own store; another node shows it while a container is on it"],
    ["ports", "TCP 2377 (managers), TCP and UDP 7946 (gossip of the engines), UDP 4789 (VXLAN)"],
    [
      "without managers",
      "containers still reach each other; nothing can be created, and tasks that end are not replaced",
    ],
  ],
};

async function overlayTable(host: EnvironmentHost, network: Network, faults: string[][]): Promise<string> {
  const { session } = host;
  const [facts, keys] = [await overlayFacts(session, network.id), await storeKeys(session)];
  const containers = [...(await containersOf(host)).values()].filter(({ addresses }) => network.name in addresses);
  return labelled([
    ...address(network),
    ...(GENERATIONS[network.scope] ?? []),
    ...containers.map(({ name, addresses }) => ["container", `${name}, ${addresses[network.name]}`]),
    [
      "VXLAN",
      facts ? `network ${facts.vni}, MTU ${facts.mtu}, in UDP packets to port 4789` : "no container of it runs here",
    ],
    ...(facts?.neighbours ?? []).map((each) => ["ARP", `${each.address} is ${each.mac}`]),
    ...(facts?.fdb ?? []).map(({ mac, host: at }) => ["FDB", `${mac} is behind the host ${at}`]),
    ...keys
      .filter(({ key }) => key.includes(network.id))
      .map(({ key, meaning }) => ["etcd", `${key.replaceAll(network.id, network.id.slice(0, 12))}: ${meaning}`]),
    ...faults,
  ]);
}

/** An interface in words. */
export const inWords = ({ name, state, addresses, kind, master }: Interface): string =>
  `${name} ${[state, ...addresses].join(" ")}${kind ? `, ${kind}` : ""}${master ? `, a port of ${master}` : ""}`;
