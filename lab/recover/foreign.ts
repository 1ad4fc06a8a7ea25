import { overlap } from "../../components/lib/cidr.ts";
import { stackLabels } from "../../components/lib/identity.ts";
import { type Container, carries, type Network } from "../engine.ts";
import { identityOf } from "../environments.ts";
import { isDockers, type Rule } from "../firewall.ts";
import { type Interface, interfacesOf } from "../interfaces.ts";
import { type Machine, machines } from "../machine.ts";
import type { Outputs } from "../outputs.ts";
import type { Result } from "../verify/verify.ts";

/** Something that this project did not make and does not remove, and that may be why a check fails. */
export interface Foreign {
  readonly what: string;
  /** The command that removes it. */
  readonly mend: string;
}

const isOurs = (object: Container | Network, environment: string): boolean =>
  carries(object, stackLabels(identityOf(environment)));

/** What stands in an environment's way on this machine, as far as its failed checks and its topology tell. */
export async function foreigners(
  environment: string,
  outputs: Outputs,
  results: readonly Result[],
): Promise<Foreign[]> {
  const machine = machines()(undefined);
  const [containers, networks] = [await machine.containers(), await machine.networks()];
  const ours = [...containers.values()].filter((each) => isOurs(each, environment));
  const blocks = [
    ...[...networks.values()].filter((each) => isOurs(each, environment)).flatMap(({ subnets }) => subnets),
    ...ours.flatMap(({ addresses }) => Object.values(addresses).filter((address) => address !== "")),
  ];
  return [
    ...inTheWay(environment, outputs, containers, networks),
    ...interfacesInTheWay(results, await interfacesOf(machine)),
    ...(await rules(machine, blocks, networks)),
  ];
}

/** Containers and networks of others that have a name of the environment's. */
export function inTheWay(
  environment: string,
  { topology }: Pick<Outputs, "topology">,
  containers: ReadonlyMap<string, Container>,
  networks: ReadonlyMap<string, Network>,
): Foreign[] {
  const named = (kind: "container" | "network") =>
    topology.nodes.filter((node) => node.kind === kind && !node.id.includes("@")).map(({ name }) => name);
  const foreign = <T extends Container | Network>(all: ReadonlyMap<string, T>, names: readonly string[]) =>
    names.flatMap((name) => all.get(name) ?? []).filter((each) => !isOurs(each, environment));
  // The default networks are the engine's, and the environment's only to use.
  const own = named("network").filter((name) => !["bridge", "host", "none"].includes(name));
  return [
    ...foreign(containers, named("container")).map(({ name }) => ({
      what: `a container that is not this project's (it has none of its labels) has the name ${name}`,
      mend: `docker rm --force ${name}`,
    })),
    ...foreign(networks, own).map(({ name }) => ({
      what: `a network that is not this project's (it has none of its labels) has the name ${name}`,
      mend: `docker network rm ${name}`,
    })),
  ];
}

/** Interfaces of this machine that should be in a namespace. Of a cable with both of its ends here one is named. */
export function interfacesInTheWay(results: readonly Result[], interfaces: readonly Interface[]): Foreign[] {
  const names = results.flatMap(({ check, passed }) =>
    !passed && check.kind === "interface" && check.expect.state === "absent" && check.at === "host"
      ? [check.interface]
      : [],
  );
  const found = interfaces.filter(({ name }) => names.includes(name));
  return found.flatMap(({ name, index, peer }) => {
    const other = found.find((each) => each.index === peer && each.peer === index);
    if (other && other.index < index) return [];
    const what = other
      ? `this machine has a cable with the ends ${name} and ${other.name}, which should be in namespaces`
      : `this machine has an interface ${name}, which should be in a namespace`;
    return [{ what, mend: `ip link delete ${name}` }];
  });
}

const TABLES = [
  ["filter", "DOCKER-USER"],
  ["nat", "POSTROUTING"],
  ["nat", "PREROUTING"],
] as const;

/** Rules of the firewall; nobody but root can look. */
async function rules(machine: Machine, blocks: readonly string[], networks: ReadonlyMap<string, Network>) {
  const found: Foreign[] = [];
  for (const [table, chain] of TABLES) {
    const printed = await machine.attempt(["iptables", "--wait", "--table", table, "--list-rules", chain]);
    found.push(...foreignRules(table, printed ?? "", blocks));
    if (chain === "POSTROUTING" && printed !== undefined)
      found.push(...lostMasquerade(printed, networks.get("bridge")));
  }
  return found;
}

/**
 * The rules in a listing of a chain (`iptables -S`) that are not the engine's and concern these blocks and addresses: by
 * naming one of them, or in DOCKER-USER, which every packet of a container passes, by naming none at all.
 */
export function foreignRules(table: Rule["table"], listing: string, blocks: readonly string[]): Foreign[] {
  const concerns = (rule: string) => {
    const named = [...rule.matchAll(/ -[sd] (\S+)/g)].flatMap(([, address]) => address ?? []);
    if (named.length === 0) return rule.startsWith("-A DOCKER-USER ");
    return named.some((address) => blocks.some((block) => overlap(wide(address), wide(block))));
  };
  return listing
    .split("\n")
    .filter((rule) => rule.startsWith("-A ") && !isDockers({ table, text: rule }) && concerns(rule))
    .map((rule) => ({
      what: `a firewall rule that is neither the engine's nor this project's: ${rule}`,
      mend: `iptables -t ${table} ${rule.replace(/^-A/, "-D")}`,
    }));
}

const wide = (address: string): string => (address.includes("/") ? address : `${address}/32`);

/** The engine gives docker0 its address translation when it starts, and at no other time. */
export function lostMasquerade(listing: string, network: Network | undefined): Foreign[] {
  const subnet = network?.subnets[0];
  if (subnet === undefined || listing.includes(`-A POSTROUTING -s ${subnet} ! -o docker0 -j MASQUERADE`)) return [];
  return [
    {
      what: `docker0 has lost its address translation (-s ${subnet} ! -o docker0 -j MASQUERADE), which the engine writes when it starts`,
      mend: "systemctl restart docker",
    },
  ];
}
