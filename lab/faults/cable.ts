import { interfacesIn } from "../host/containerInterfaces.ts";
import type { Container } from "../host/containers.ts";
import { type Interface, interfacesOf } from "../host/interfaces.ts";
import { netnsExecOfProcess } from "../host/netnsExec.ts";
import type { Network } from "../host/networks.ts";
import type { EnvironmentHost, Fault } from "./context.ts";
import type { Expected } from "./expected.ts";
import { macvlanFaults } from "./macvlan.ts";
import { bridgeFaults } from "./network.ts";

/** An interface in a container, and the other end of its cable on the host. */
export interface ContainerEnd {
  readonly own: Interface;
  /** Undefined if the host has no such interface. */
  readonly peer: Interface | undefined;
  /** The network of its address; undefined if it has none. */
  readonly network: Network | undefined;
}

/** Returns the ends of a container's cables; undefined if they cannot be listed. */
export async function endsIn({ session }: EnvironmentHost, container: Container): Promise<ContainerEnd[] | undefined> {
  const [inside, outside, networks] = await Promise.all([
    interfacesIn(session, container),
    interfacesOf(session),
    session.networks(),
  ]);
  return inside
    ?.filter(({ peer }) => peer !== undefined)
    .map((own) => {
      const network = Object.keys(container.addresses).find((each) => has(own, container.addresses[each]));
      return {
        own,
        peer: outside.find(({ index, peer }) => index === own.peer && peer === own.index),
        network: network === undefined ? undefined : networks.get(network),
      };
    });
}

const has = ({ addresses }: Interface, address: string | undefined): boolean =>
  address !== undefined && address !== "" && addresses.some((each) => each.startsWith(`${address}/`));

/** Returns the faults of a container's interfaces, of the other ends of its cables, and of their bridges. */
export async function cableFaults(
  host: EnvironmentHost,
  container: Container,
  expected: Pick<Expected, "interfaces" | "isPracticeNode"> | undefined,
): Promise<Fault[]> {
  const { name, pid, addresses, details } = container;
  if (details.networkMode === "host") return [];
  const [inside, ends] = [await interfacesIn(host.session, container), await endsIn(host, container)];
  if (!inside || !ends) return [];
  const enter = netnsExecOfProcess(pid).join(" ");
  const outside = await interfacesOf(host.session);
  // An interface on a network that the state does not list is reported with that network instead.
  const owned = (each: Interface) => Object.values(addresses).some((address) => has(each, address));
  const { interfaces, isPracticeNode = false } = expected ?? {};
  const wanted = isPracticeNode ? undefined : interfaces;
  const strange = inside.filter((each) => wanted && !wanted.includes(each.name) && !owned(each));
  const networks = await host.session.networks();
  const cabled = Object.entries(addresses).filter(
    ([network, address]) => address !== "" && networks.get(network)?.driver !== "macvlan",
  );
  return [
    ...strange.map((each) => ({
      title: `the container ${name} has an interface more than the lab gives it: ${each.name}, ${each.kind ?? "of no kind"}, ${each.state}`,
      fix: `${enter} ip link delete ${each.name}`,
    })),
    ...inside
      .filter((each) => each.name === "lo" && each.state === "down")
      .map(() => ({ title: `the loopback of ${name} is down`, fix: `${enter} ip link set dev lo up` })),
    ...(ends.length === 0 && cabled.length > 0
      ? [{ title: `no cable leads to the container ${name}: it has no eth0` }]
      : []),
    ...ends
      .filter(
        ({ own, network }) => !strange.includes(own) && network?.driver !== "overlay" && (network || !isPracticeNode),
      )
      .flatMap((end) => endFaults(host, name, end, enter, outside)),
    ...macvlanFaults(host, container, inside, outside, networks),
  ];
}

function endFaults(
  host: EnvironmentHost,
  container: string,
  { own, peer, network }: ContainerEnd,
  enter: string,
  outside: readonly Interface[],
): Fault[] {
  const end = `the other end of ${own.name} of ${container}`;
  if (own.state === "down") {
    const title = `${own.name} in the container ${container} is down, so nothing goes in or out by it`;
    return [{ title, fix: `${enter} ip link set dev ${own.name} up` }];
  }
  if (!peer) return [{ title: `${end} is not on ${host.name}, which has no interface number ${own.peer}` }];
  if (peer.state === "down") {
    const title = `${peer.name}, ${end}, is down: the cable is unplugged`;
    return [{ title, fix: `ip link set dev ${peer.name} up` }];
  }
  if (!network) return [];
  const fix = `ip link set dev ${peer.name} master ${network.bridge}`;
  if (peer.master === undefined) {
    return [{ title: `${peer.name}, ${end}, is no port of any bridge, so nothing leaves the container by it`, fix }];
  }
  if (peer.master !== network.bridge) {
    const title = `${peer.name}, ${end}, is a port of ${peer.master}, and the bridge of the network ${network.name} is ${network.bridge}`;
    return [{ title, fix }];
  }
  return bridgeFaults(network, outside);
}
