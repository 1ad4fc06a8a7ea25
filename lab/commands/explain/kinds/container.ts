import { type ContainerEnd, endsIn } from "../../../faults/cable.ts";
import { containerFaults } from "../../../faults/container.ts";
import type { Context, EnvironmentHost } from "../../../faults/context.ts";
import { addressClass } from "../../../host/addresses.ts";
import { type Container, SERVICE_LABEL } from "../../../host/containers.ts";
import { masquerade } from "../../../host/firewall/needed.ts";
import { firewallOf } from "../../../host/firewall/read.ts";
import { insideOverlay, overlayFacts } from "../../../host/overlayFacts.ts";
import { defaultRoute } from "../../../host/routes.ts";
import { type Explanation, explanation, faultRows, labelled, picture } from "../format.ts";
import { reached } from "../reach.ts";

/** What a container is, the way of its packets out of it, and what is wrong with it. */
export async function explainContainer(
  context: Context,
  host: EnvironmentHost,
  container: Container,
  port: number,
): Promise<Explanation> {
  const { addresses, published, running, labels } = container;
  const { [SERVICE_LABEL]: service = container.name, "dockernet.lab": lab } = labels;
  const faults = await containerFaults(context, host, service);
  const task = service === container.name ? "" : `, a task of the service ${service},`;
  const head = `${container.name} is a container${task} on ${host.name}${lab ? `, of the lab ${lab}` : ""}, ${running ? "running" : "stopped"}`;
  if (!running) return explanation(faults, head, labelled(faultRows(faults)));
  const ends = (await endsIn(host, container)) ?? [];
  const paths = await Promise.all(Object.keys(addresses).map((network) => pathOf(host, container, network, ends)));
  const facts = [
    ...Object.entries(addresses).map(([network, address]) => [
      "address",
      address === "" ? `none on the network ${network}` : `${address} on ${network}, ${addressClass(address)}`,
    ]),
    ["published", published.join(", ") || "nothing: no port of the host leads to it"],
    ["names", await nameServer(host, container)],
  ];
  const [address] = Object.values(addresses).filter((each) => each !== "");
  // Only from the host that the container is on: others have no route to it.
  const seen = address !== undefined && host === context.here ? await reached(host, address, port) : [];
  return explanation(faults, head, ...paths.map(picture), labelled([...facts, ...seen, ...faultRows(faults)]));
}

async function nameServer({ session }: EnvironmentHost, { name, addresses, details, labels }: Container) {
  const { aliases, links } = details;
  const own = [
    ...Object.values(aliases).flat(),
    ...(labels[SERVICE_LABEL] === undefined ? [] : [labels[SERVICE_LABEL]]),
  ];
  const resolv = await session.read(["docker", "exec", name, "cat", "/etc/resolv.conf"]);
  const embedded = resolv?.includes("nameserver 127.0.0.11") ?? false;
  const linked = [...links].map(([alias, target]) => `${alias} (${target}, by its link in /etc/hosts)`);
  const [network = "none"] = Object.keys(addresses);
  return [
    embedded
      ? `asks Docker's name server at 127.0.0.11, which knows it by ${[...new Set([name, ...own])].join(", ")}`
      : `has no name server of Docker's: the network ${network} has none`,
    ...(linked.length > 0 ? [`knows ${linked.join(", ")}`] : []),
  ].join("; ");
}

/** The way of a container's packets out of it, hop by hop. */
async function pathOf(
  { name: on, session }: EnvironmentHost,
  container: Container,
  network: string,
  ends: readonly ContainerEnd[],
): Promise<string[][]> {
  const found = (await session.networks()).get(network);
  if (found?.driver === "host") return [[container.name, `has the network of ${on} itself, with all its interfaces`]];
  if (found?.driver === "null") return [[container.name, "has a loopback and nothing else: no way in or out"]];
  const end = ends.find((each) => each.network?.name === network);
  const own = end?.own.name ?? "eth0";
  const address = `${own} ${container.addresses[network]}, on the`;
  if (found?.driver === "overlay") {
    const facts = await overlayFacts(session, found.id);
    const peers = [...new Set((facts?.fdb ?? []).map((entry) => entry.host))];
    return [
      [container.name, `${address} overlay network ${network}`],
      ["br0", `bridge in the network's own namespace on ${on}${(await bridgeAddress(session, found.id)) ?? ""}`],
      ["vxlan0", `VXLAN network ${facts?.vni ?? "?"}: frames leave in UDP packets to port 4789`],
      [on, peers.length > 0 ? `sends them to ${peers.join(", ")}` : "knows of no container on another host"],
    ];
  }
  if (found?.driver === "macvlan") {
    return [
      [container.name, `eth0 ${container.addresses[network]}, on the macvlan network ${network}`],
      [found.options.parent ?? "?", `its parent on ${on}, by which frames leave with the container's own MAC address`],
      ["LAN", `router ${found.gateway ?? "none"}; ${on} has no part in it: no bridge, no NAT, no rule of its firewall`],
    ];
  }
  const firewall = await firewallOf(session);
  const rule = firewall && masquerade(firewall, found?.subnets[0] ?? "")?.text.replace(/^-A /, "");
  const port = end?.peer?.master ? `a port of ${end.peer.master}` : "no port of any bridge";
  return [
    [container.name, `${address} network ${network}`],
    [
      end?.peer?.name ?? "?",
      end?.peer ? `the other end of its cable, ${port}` : "the other end is not visible from this host",
    ],
    [
      found?.bridge ?? "",
      `bridge of the network ${network} on ${on}, ${found?.gateway ?? "without an address"}, the container's way out`,
    ],
    [
      "NAT",
      firewall
        ? (rule ?? "no rule MASQUERADE")
        : "the engine's rules give what leaves the host's address; only root can list them",
    ],
    [on, (await defaultRoute(session)) ?? "has no default route"],
  ];
}

async function bridgeAddress(session: EnvironmentHost["session"], id: string): Promise<string | undefined> {
  const printed = await insideOverlay(session, id, "inside ip -o -4 address show dev br0");
  const address = /inet (\S+)/.exec(printed ?? "")?.[1];
  return address && `, ${address}`;
}
