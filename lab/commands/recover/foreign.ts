import { stackLabels } from "../../../components/lib/identity.ts";
import { hostOf } from "../../../components/lib/nodeId.ts";
import type { Result } from "../../checks/verify.ts";
import type { Container } from "../../host/containers.ts";
import { foreignRules } from "../../host/firewall/foreignRules.ts";
import { firewallOf } from "../../host/firewall/read.ts";
import type { Firewall } from "../../host/firewall/rules.ts";
import { between } from "../../host/firewall/ways.ts";
import { type Interface, interfacesOf } from "../../host/interfaces.ts";
import { carries } from "../../host/labels.ts";
import type { Network } from "../../host/networks.ts";
import { hostSessions } from "../../host/sessions.ts";
import { identityOf } from "../../state/environments.ts";
import type { Outputs } from "../../state/outputs.ts";

/** Something that this project did not make and does not remove, and that may be why a check fails. */
export interface Foreign {
  readonly what: string;
  /** The command that removes it. */
  readonly fix: string;
}

type Named = Pick<Container | Network, "name" | "labels">;

const isOurs = (object: Named, environment: string): boolean => carries(object, stackLabels(identityOf(environment)));

/** What stands in an environment's way on this host, as far as its failed checks and its topology tell. */
export async function foreigners(
  environment: string,
  outputs: Outputs,
  results: readonly Result[],
): Promise<Foreign[]> {
  const session = hostSessions()(undefined);
  const [containers, networks] = [await session.containers(), await session.networks()];
  const ours = [...containers.values()].filter((each) => isOurs(each, environment));
  const blocks = [
    ...[...networks.values()].filter((each) => isOurs(each, environment)).flatMap(({ subnets }) => subnets),
    ...ours.flatMap(({ addresses }) => Object.values(addresses).filter((address) => address !== "")),
  ];
  const bridges = [...networks.values()].filter(({ driver }) => driver === "bridge").map(({ bridge }) => bridge);
  const firewall = await firewallOf(session);
  return [
    ...inTheWay(environment, outputs, containers, networks),
    ...interfacesInTheWay(results, await interfacesOf(session)),
    ...(firewall ? rulesInTheWay(firewall, blocks, bridges) : []),
  ];
}

/** Containers and networks of others that have a name of the environment's. */
export function inTheWay(
  environment: string,
  { topology }: Pick<Outputs, "topology">,
  containers: ReadonlyMap<string, Named>,
  networks: ReadonlyMap<string, Named>,
): Foreign[] {
  const named = (kind: "container" | "network") =>
    topology.nodes.filter((node) => node.kind === kind && hostOf(node.id) === undefined).map(({ name }) => name);
  const foreign = (all: ReadonlyMap<string, Named>, names: readonly string[]) =>
    names.flatMap((name) => all.get(name) ?? []).filter((each) => !isOurs(each, environment));
  // The default networks are the engine's, and the environment's only to use.
  const own = named("network").filter((name) => !["bridge", "host", "none"].includes(name));
  return [
    ...foreign(containers, named("container")).map(({ name }) => ({
      what: `a container that is not this project's (it has none of its labels) has the name ${name}`,
      fix: `docker rm --force ${name}`,
    })),
    ...foreign(networks, own).map(({ name }) => ({
      what: `a network that is not this project's (it has none of its labels) has the name ${name}`,
      fix: `docker network rm ${name}`,
    })),
  ];
}

/** Interfaces of this host that should be in a namespace. Of a cable with both of its ends here one is named. */
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
      ? `this host has a cable with the ends ${name} and ${other.name}, which should be in namespaces`
      : `this host has an interface ${name}, which should be in a namespace`;
    return [{ what, fix: `ip link delete ${name}` }];
  });
}

/** The rules of the firewall that are neither the engine's nor this project's, and concern these blocks and bridges. */
export const rulesInTheWay = (firewall: Firewall, blocks: readonly string[], bridges: readonly string[]): Foreign[] =>
  foreignRules(firewall, between(blocks, bridges)).map(({ rule, fix }) => ({
    what: `a firewall rule that is neither the engine's nor this project's: ${rule}`,
    fix,
  }));
