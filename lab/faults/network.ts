import { hostAddress } from "../../components/lib/cidr.ts";
import { nodeId } from "../../components/lib/nodeId.ts";
import { engineSettingsOf, restartOf, settingOf } from "../host/engineSettings.ts";
import { unfitOf } from "../host/engineVerdicts.ts";
import { lostBy, type Service } from "../host/firewall/needed.ts";
import { firewallOf } from "../host/firewall/read.ts";
import { type Interface, interfacesOf } from "../host/interfaces.ts";
import type { Network } from "../host/networks.ts";
import { type Context, type EnvironmentHost, type Fault, upAgain } from "./context.ts";
import { hostFaults, unfitFaults } from "./host.ts";
import { parentFaults } from "./macvlan.ts";

/** Returns the faults of an environment's network on one host. */
export async function networkFaults(context: Context, host: EnvironmentHost, name: string): Promise<Fault[]> {
  const network = (await host.session.networks().catch(() => new Map<string, Network>())).get(name);
  if (!network) {
    const down = await hostFaults(host);
    return down.length > 0 ? down : [{ title: `there is no network ${name} on ${host.name}`, fix: upAgain(context) }];
  }
  if (network.driver === "macvlan") return parentFaults(host, network, await interfacesOf(host.session));
  if (network.driver !== "bridge") return [];
  const { facts } = context.outputs.topology.nodes.find(({ id }) => id === nodeId("network", name, host.on)) ?? {};
  const block = network.subnets.join(", ");
  return [
    ...(facts?.subnet !== undefined && facts.subnet !== block
      ? [{ title: `the network ${name} has the block ${block}, the state says ${facts.subnet}`, fix: upAgain(context) }]
      : []),
    ...bridgeFaults(network, await interfacesOf(host.session)),
    ...(await ruleFaults(host, network)),
  ];
}

/** Returns the faults of a network's bridge. */
export function bridgeFaults({ name, bridge, gateway, subnets }: Network, outside: readonly Interface[]): Fault[] {
  const found = outside.find((each) => each.name === bridge);
  const whose = `${bridge}, the bridge of the network ${name},`;
  if (!found) return [{ title: `${whose} is not there` }];
  const down = { title: `${whose} is down`, fix: `ip link set dev ${bridge} up` };
  const [subnet] = subnets;
  // An engine may report no gateway for docker0: then it is the block's first address, unless its settings set another.
  const expected = gateway ?? (name === "bridge" && subnet !== undefined ? hostAddress(subnet, 1) : undefined);
  const lost = {
    title: `${whose} does not have the address ${expected}, which is its containers' gateway`,
    fix: `ip address add ${expected}/${subnet?.split("/")[1]} dev ${bridge}`,
  };
  const has = expected === undefined || found.addresses.some((each) => each.startsWith(`${expected}/`));
  return [...(found.state === "down" ? [down] : []), ...(has ? [] : [lost])];
}

/** Effects of a network's missing rules, by service that the rules provide. */
const WITHOUT: Readonly<Record<Service, string>> = {
  "address translation":
    "the rule MASQUERADE for the network NAME is missing, so its containers' packets reach the outside with a private address, and no answer comes back",
  "the way out": "no rule lets the packets of the network NAME through to the outside",
  isolation: "no rule keeps the network NAME apart from the other bridges",
};

/**
 * Returns a fault for each service of a network whose rules, which the engine wrote at its start or when it created the
 * network, are now missing.
 */
async function ruleFaults({ session }: EnvironmentHost, network: Network): Promise<Fault[]> {
  const [firewall, networks] = [await firewallOf(session), await session.networks()];
  const lost = firewall ? lostBy(firewall, [...networks.values()]) : [];
  const services = lost.find((each) => each.network.id === network.id)?.services ?? [];
  if (services.length === 0) return [];
  const settings = await engineSettingsOf(session);
  if (settings && settingOf(settings, "iptables") === "false") return unfitFaults(unfitOf(undefined, settings));
  const fix = restartOf(settings);
  return services.map((service) => ({ title: WITHOUT[service].replace("NAME", network.name), fix }));
}
