import { nodeId } from "../../../stacks/topology.ts";
import type { Network } from "../../engine.ts";
import { masquerade, rulesOf } from "../../firewall.ts";
import { type Interface, interfacesOf } from "../../interfaces.ts";
import { type Fault, type Place, type Scene, upAgain } from "../scene.ts";

/** What is wrong with a network of an environment on one machine. */
export async function networkFaults(scene: Scene, place: Place, name: string): Promise<Fault[]> {
  const network = (await place.machine.networks().catch(() => new Map<string, Network>())).get(name);
  if (!network) return [{ says: `there is no network ${name} on ${place.name}`, mend: upAgain(scene) }];
  if (network.driver !== "bridge") return [];
  const { facts } = scene.outputs.topology.nodes.find(({ id }) => id === nodeId("network", name, place.on)) ?? {};
  const block = network.subnets.join(", ");
  return [
    ...(facts?.subnet !== undefined && facts.subnet !== block
      ? [{ says: `the network ${name} has the block ${block}, the state says ${facts.subnet}`, mend: upAgain(scene) }]
      : []),
    ...bridgeFaults(network, await interfacesOf(place.machine)),
    ...(await natFaults(place, network)),
  ];
}

/** What is wrong with the bridge of a network. */
export function bridgeFaults({ name, bridge, gateway, subnets }: Network, outside: readonly Interface[]): Fault[] {
  const found = outside.find((each) => each.name === bridge);
  const whose = `${bridge}, the bridge of the network ${name},`;
  if (!found) return [{ says: `${whose} is not there` }];
  const down = { says: `${whose} is down`, mend: `ip link set dev ${bridge} up` };
  const lost = {
    says: `${whose} does not have the address ${gateway}, which is its containers' gateway`,
    mend: `ip address add ${gateway}/${subnets[0]?.split("/")[1]} dev ${bridge}`,
  };
  const has = gateway === undefined || found.addresses.some((each) => each.startsWith(`${gateway}/`));
  return [...(found.state === "down" ? [down] : []), ...(has ? [] : [lost])];
}

/** Without the rule, answers would go to a private address, to which the outside has no route. */
async function natFaults({ machine }: Place, { name, subnets, bridge }: Network): Promise<Fault[]> {
  const rules = await rulesOf(machine);
  const [subnet] = subnets;
  if (!rules || subnet === undefined || masquerade(rules, subnet)) return [];
  return [
    {
      says: `the rule MASQUERADE for the network ${name} is missing, so its containers' packets reach the outside with a private address, and no answer comes back`,
      mend: `iptables -t nat -A POSTROUTING -s ${subnet} ! -o ${bridge} -j MASQUERADE`,
    },
  ];
}
