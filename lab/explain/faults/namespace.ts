import { enteringNamespace } from "../../entering.ts";
import { type Interface, interfacesOf, namespacesOn } from "../../interfaces.ts";
import { type ExpectedEnd, endsOf } from "../expected.ts";
import type { Fault, Place, Scene } from "../scene.ts";

const LOOPBACK = { interface: "lo", address: "127.0.0.1/8" };

/** What is wrong with a network namespace of an environment. */
export async function namespaceFaults(scene: Scene, place: Place, name: string): Promise<Fault[]> {
  if (!(await namespacesOn(place.machine)).includes(name)) {
    const again = ["**Namespace**:Command::*", "**VethPair**:Command::*"].map((urn) => `--replace '${urn}'`).join(" ");
    const says = `there is no network namespace ${name} on ${place.name}: it was deleted, or the machine was started anew`;
    return [{ says, mend: `npx pulumi up -s ${scene.environment} ${again}` }];
  }
  const inside = await interfacesOf(place.machine, enteringNamespace(name));
  if (inside.length === 0) return [{ says: `only root can look into the network namespace ${name}` }];
  const ends = endsOf(scene.outputs.topology, name, place.on);
  if (!ends) return [];
  const strange = inside.filter((each) => each.name !== "lo" && !ends.some((end) => end.interface === each.name));
  return [
    ...addressFaults(name, inside, LOOPBACK),
    ...ends.flatMap((end) => [...carrierFaults(name, inside, end), ...addressFaults(name, inside, end)]),
    ...strange.map((each) => ({
      says: `the namespace ${name} has an interface more than the lab gives it: ${each.name}`,
      mend: `ip -n ${name} link delete ${each.name}`,
    })),
  ];
}

const carrierFaults = (name: string, inside: readonly Interface[], { interface: own, other }: ExpectedEnd): Fault[] =>
  inside
    .filter((each) => each.name === own && each.state === "unplugged")
    .map(() => ({
      says: `${own} in the namespace ${name} is up without a carrier: the other end of its cable is down, ${other.interface} in the namespace ${other.namespace}`,
      mend: `ip -n ${other.namespace} link set ${other.interface} up`,
    }));

/** An interface must be there, up, and have one address. */
function addressFaults(
  namespace: string,
  inside: readonly Interface[],
  wanted: { readonly interface: string; readonly address: string },
): Fault[] {
  const found = inside.find((each) => each.name === wanted.interface);
  const is = `${wanted.interface} in the namespace ${namespace}`;
  if (!found) {
    return [
      { says: `${is} is not there: a cable goes as a whole with either of its ends, or with a namespace that has one` },
    ];
  }
  const { state, addresses } = found;
  const counted =
    addresses.length > 1
      ? `there are ${addresses.length} addresses on ${is}, the lab gives it one`
      : `${is} has another address than the lab gives it`;
  const ip = `ip -n ${namespace}`;
  return [
    ...(state === "down"
      ? [{ says: `${is} is down, so nothing goes in or out by it`, mend: `${ip} link set ${wanted.interface} up` }]
      : []),
    ...(addresses.includes(wanted.address)
      ? []
      : [
          {
            says: `${is} lacks the address ${wanted.address}`,
            mend: `${ip} address add ${wanted.address} dev ${wanted.interface}`,
          },
        ]),
    ...addresses
      .filter((each) => each !== wanted.address)
      .map((each) => ({
        says: `${counted}: ${each} is not the lab's`,
        mend: `${ip} address del ${each} dev ${wanted.interface}`,
      })),
  ];
}
