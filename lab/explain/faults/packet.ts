import { enteringProcess } from "../../entering.ts";
import { type Packets, rulesOf, strangers } from "../../firewall.ts";
import { interfacesOf } from "../../interfaces.ts";
import { containersOf, type Fault, type Place } from "../scene.ts";
import { listeners } from "./port.ts";

/** The firewall rules that are not Docker's and may be in the way of packets between containers of a machine. */
export async function firewallFaults(
  { machine, ...place }: Place,
  names: readonly string[],
  addresses: readonly string[],
  protocol: Packets["protocol"],
): Promise<Fault[]> {
  const rules = await rulesOf(machine);
  if (!rules) return [];
  const [containers, networks] = [await containersOf({ machine, ...place }), await machine.networks()];
  const found = names.flatMap((name) => Object.entries(containers.get(name)?.addresses ?? {}));
  const bridges = found.flatMap(([network]) => networks.get(network)?.bridge ?? []);
  const cables = (await interfacesOf(machine)).filter((each) => each.addresses.length > 0).map(({ name }) => name);
  return strangers(rules, {
    addresses: [...addresses, ...found.map(([, address]) => address).filter((each) => each !== "")],
    // What goes to no container may leave by any interface that has an address.
    interfaces: [...bridges, ...(addresses.length > 0 ? cables : [])],
    protocol,
  });
}

/** Who listens on a port that nobody should listen on, in a namespace that a container's programs are in. */
export async function listenerFaults(place: Place, name: string, port: number): Promise<Fault[]> {
  const { machine } = place;
  const top = (await machine.attempt(["docker", "top", name, "-o", "pid"])) ?? "";
  const pids = top.split("\n").filter((line) => /^\d+$/.test(line.trim()));
  const found = await Promise.all(pids.map((pid) => listeners(machine, port, enteringProcess(Number(pid)))));
  return [...new Set(found.flat())].map((program) => ({
    says: `${program} listens on port ${port}, and the lab has nobody listen there`,
    mend: `docker restart ${name}`,
  }));
}
