import type { Container } from "../host/containers.ts";
import type { Interface } from "../host/interfaces.ts";
import { netnsExecOfProcess } from "../host/netnsExec.ts";
import type { Network } from "../host/networks.ts";
import type { EnvironmentHost, Fault } from "./context.ts";

/** Returns the faults of a container's interfaces on macvlan networks, and of their parents. */
export function macvlanFaults(
  host: EnvironmentHost,
  { name, pid, addresses }: Container,
  inside: readonly Interface[],
  outside: readonly Interface[],
  networks: ReadonlyMap<string, Network>,
): Fault[] {
  const enter = netnsExecOfProcess(pid).join(" ");
  return Object.entries(addresses).flatMap(([on, address]): Fault[] => {
    const network = networks.get(on);
    if (network?.driver !== "macvlan" || address === "") return [];
    const parent = parentFaults(host, network, outside);
    const own = inside.find(
      ({ kind, addresses }) => kind === "macvlan" && addresses.includes(withPrefix(address, network)),
    );
    if (!own) {
      const title = `the container ${name} has no macvlan interface with its address ${address} on the network ${on}`;
      return [{ title, fix: `docker restart ${name}` }, ...parent];
    }
    if (own.state === "down") {
      const title = `${own.name} in the container ${name} is down, so nothing goes in or out by it`;
      return [{ title, fix: `${enter} ip link set dev ${own.name} up` }, ...parent];
    }
    const mode = modeOf(network);
    if (own.link.mode === undefined || own.link.mode === mode) return parent;
    const title = `${own.name} in the container ${name} is in macvlan mode ${own.link.mode}, the network ${on} has mode ${mode}`;
    return [{ title, fix: `${enter} ip link set dev ${own.name} type macvlan mode ${mode}` }, ...parent];
  });
}

/** Returns the faults of a macvlan network's parent. */
export function parentFaults(
  { name: host }: EnvironmentHost,
  network: Network,
  outside: readonly Interface[],
): Fault[] {
  // The list of the host's interfaces may be empty without root, or if the engine runs elsewhere.
  if (outside.length === 0) return [];
  const { parent = "" } = network.options;
  const found = outside.find(({ name }) => name === parent);
  const whose = `${parent}, the parent of the macvlan network ${network.name},`;
  if (!found) return [{ title: `${whose} is not on ${host}` }];
  const shims = outside.filter((each) => each.parent === found.index);
  return [
    ...(found.state === "up" ? [] : [{ title: `${whose} is ${found.state}`, fix: `ip link set dev ${parent} up` }]),
    ...shims.map((each) => ({
      title: `${host} has a macvlan interface ${each.name} of its own on ${parent}, by which it may reach containers of the network ${network.name}: created by hand`,
      fix: `ip link delete ${each.name}`,
    })),
  ];
}

/**
 * Returns the macvlan mode of a network; the engine's default is `bridge` (docs.docker.com, macvlan network driver).
 */
const modeOf = ({ options }: Network): string => options.macvlan_mode ?? "bridge";

const withPrefix = (address: string, { subnets }: Network): string => `${address}/${subnets[0]?.split("/")[1]}`;
