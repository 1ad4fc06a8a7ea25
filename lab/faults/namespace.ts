import { type Interface, interfacesOf, namespacesOn } from "../host/interfaces.ts";
import { netnsExec } from "../host/netnsExec.ts";
import type { Context, EnvironmentHost, Fault } from "./context.ts";
import { type ExpectedEnd, endsOf } from "./expected.ts";
import { unseenFaults } from "./host.ts";

const LOOPBACK = { interface: "lo", address: "127.0.0.1/8" };

/** Returns the faults of an environment's network namespace. */
export async function namespaceFaults(context: Context, host: EnvironmentHost, name: string): Promise<Fault[]> {
  if (!(await namespacesOn(host.session)).includes(name)) {
    const unseen = await unseenFaults(host, "namespace");
    if (unseen.length > 0) return unseen;
    const again = ["**Namespace**:Command::*", "**VethPair**:Command::*"].map((urn) => `--replace '${urn}'`).join(" ");
    const title = `there is no network namespace ${name} on ${host.name}: it was deleted, or the host was rebooted`;
    return [{ title, fix: `npx pulumi up -s ${context.environment} ${again}` }];
  }
  const inside = await interfacesOf(host.session, netnsExec(name));
  // A namespace that cannot be inspected is not a fault; it is listed separately.
  if (inside.length === 0) return [];
  const ends = endsOf(context.outputs.topology, name, host.on);
  if (!ends) return [];
  const strange = inside.filter((each) => each.name !== "lo" && !ends.some((end) => end.interface === each.name));
  return [
    ...addressFaults(name, inside, LOOPBACK),
    ...ends.flatMap((end) => [...carrierFaults(name, inside, end), ...addressFaults(name, inside, end)]),
    ...strange.map((each) => ({
      title: `the namespace ${name} has an interface more than the lab gives it: ${each.name}`,
      fix: `ip -n ${name} link delete ${each.name}`,
    })),
  ];
}

const carrierFaults = (name: string, inside: readonly Interface[], { interface: own, other }: ExpectedEnd): Fault[] =>
  inside
    .filter((each) => each.name === own && each.state === "unplugged")
    .map(() => ({
      title: `${own} in the namespace ${name} is up without a carrier: the other end of its cable is down, ${other.interface} in the namespace ${other.namespace}`,
      fix: `ip -n ${other.namespace} link set ${other.interface} up`,
    }));

/** Returns the faults of an interface that must exist, be up, and have exactly one address. */
function addressFaults(
  namespace: string,
  inside: readonly Interface[],
  wanted: { readonly interface: string; readonly address: string },
): Fault[] {
  const found = inside.find((each) => each.name === wanted.interface);
  const is = `${wanted.interface} in the namespace ${namespace}`;
  if (!found) {
    return [
      {
        title: `${is} is not there: a cable goes as a whole with either of its ends, or with a namespace that has one`,
      },
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
      ? [{ title: `${is} is down, so nothing goes in or out by it`, fix: `${ip} link set ${wanted.interface} up` }]
      : []),
    ...(addresses.includes(wanted.address)
      ? []
      : [
          {
            title: `${is} lacks the address ${wanted.address}`,
            fix: `${ip} address add ${wanted.address} dev ${wanted.interface}`,
          },
        ]),
    ...addresses
      .filter((each) => each !== wanted.address)
      .map((each) => ({
        title: `${counted}: ${each} is not the lab's`,
        fix: `${ip} address del ${each} dev ${wanted.interface}`,
      })),
  ];
}
