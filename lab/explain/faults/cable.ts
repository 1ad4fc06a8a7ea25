import type { Container, Network } from "../../engine.ts";
import { enteringProcess } from "../../entering.ts";
import { type Interface, interfacesOf } from "../../interfaces.ts";
import { type Details, interfacesIn } from "../details.ts";
import type { Fault, Place } from "../scene.ts";
import { bridgeFaults } from "./network.ts";

/** An interface in a container, and what is at the other end of its cable on the machine. */
export interface ContainerEnd {
  readonly own: Interface;
  /** Undefined where the machine has no such end. */
  readonly peer: Interface | undefined;
  /** The network whose address it has; undefined where it has none. */
  readonly network: Network | undefined;
}

/** The ends of a container's cables; undefined where nobody may look. */
export async function endsIn(
  { machine }: Place,
  container: Container,
  details: Details,
): Promise<ContainerEnd[] | undefined> {
  const [inside, outside, networks] = await Promise.all([
    interfacesIn(machine, container.name, details),
    interfacesOf(machine),
    machine.networks(),
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

/** What is wrong with a container's interfaces, with the other ends of its cables, and with their bridges. */
export async function cableFaults(
  place: Place,
  container: Container,
  details: Details,
  expected: readonly string[] | undefined,
): Promise<Fault[]> {
  if (details.networkMode === "host") return [];
  const { name, addresses } = container;
  const [inside, ends] = [await interfacesIn(place.machine, name, details), await endsIn(place, container, details)];
  if (!inside || !ends) return [];
  const enter = enteringProcess(details.pid).join(" ");
  const outside = await interfacesOf(place.machine);
  // An interface of a network that the state does not name is said to be the network's.
  const owned = (each: Interface) => Object.values(addresses).some((address) => has(each, address));
  const strange = inside.filter((each) => expected && !expected.includes(each.name) && !owned(each));
  const networks = Object.values(addresses).filter((address) => address !== "");
  return [
    ...strange.map((each) => ({
      says: `the container ${name} has an interface more than the lab gives it: ${each.name}, ${each.kind ?? "of no kind"}, ${each.state}`,
      mend: `${enter} ip link delete ${each.name}`,
    })),
    ...inside
      .filter((each) => each.name === "lo" && each.state === "down")
      .map(() => ({ says: `the loopback of ${name} is down`, mend: `${enter} ip link set dev lo up` })),
    ...(ends.length === 0 && networks.length > 0
      ? [{ says: `no cable leads to the container ${name}: it has no eth0` }]
      : []),
    ...ends
      .filter(({ own, network }) => !strange.includes(own) && network?.driver !== "overlay")
      .flatMap((end) => endFaults(place, name, end, enter, outside)),
  ];
}

function endFaults(
  place: Place,
  container: string,
  { own, peer, network }: ContainerEnd,
  enter: string,
  outside: readonly Interface[],
): Fault[] {
  const end = `the other end of ${own.name} of ${container}`;
  if (own.state === "down") {
    const says = `${own.name} in the container ${container} is down, so nothing goes in or out by it`;
    return [{ says, mend: `${enter} ip link set dev ${own.name} up` }];
  }
  if (!peer) return [{ says: `${end} is not on ${place.name}, which has no interface number ${own.peer}` }];
  if (peer.state === "down") {
    const says = `${peer.name}, ${end}, is down: the cable is unplugged`;
    return [{ says, mend: `ip link set dev ${peer.name} up` }];
  }
  if (!network) return [];
  const mend = `ip link set dev ${peer.name} master ${network.bridge}`;
  if (peer.master === undefined) {
    return [{ says: `${peer.name}, ${end}, is no port of any bridge, so nothing leaves the container by it`, mend }];
  }
  if (peer.master !== network.bridge) {
    const says = `${peer.name}, ${end}, is a port of ${peer.master}, and the bridge of the network ${network.name} is ${network.bridge}`;
    return [{ says, mend }];
  }
  return bridgeFaults(network, outside);
}
