import type { TopologyNode } from "../../stacks/topology.ts";
import type { Network } from "../engine.ts";
import { isolation, masquerade, rulesOf } from "../firewall.ts";
import { overlayFacts } from "../overlayFacts.ts";
import type { Hop } from "../paths.ts";
import { detailsOf } from "./details.ts";
import { endsIn } from "./faults/cable.ts";
import { containersOf, type Place, placeOf, type Scene } from "./scene.ts";

/** What is sent on the way. */
export interface Errand {
  /** The address that it is sent to, where one is known. */
  readonly target: string | undefined;
  /** The networks that it passes. */
  readonly networks: readonly TopologyNode[];
}

/** What the kernel has, at this moment, that makes a packet take a hop: a cable, a route, a rule, a forwarding entry. */
export async function entriesOf(
  scene: Scene,
  { from, to, link, by }: Hop,
  { target, networks }: Errand,
): Promise<string[]> {
  const { nodes } = scene.outputs.topology;
  const [start, end] = [nodes.find(({ id }) => id === from), nodes.find(({ id }) => id === to)];
  if (!start || !end) return [];
  const place = placeOf(scene, (start.kind === "machine" ? start.id.split(":") : start.id.split("@"))[1] || undefined);
  const nat = by.startsWith("NAT:") ? await natEntries(place, networks) : [];
  if (link?.kind === "veth") return [...nat, ...(await cableEntries(scene, start, end))];
  if (link?.kind === "publish") return portEntries(place, start.facts.port ?? "");
  if (link?.kind === "vxlan") return tunnelEntries(place, start.name, target);
  if (start.kind === "machine" && target !== undefined) {
    const route = await place.machine.attempt(["ip", "-o", "route", "get", target]);
    return [...nat, route?.replace(/ uid.*| *\\.*$/g, "").trim() ?? "no route"];
  }
  return nat;
}

async function cableEntries(scene: Scene, ...both: readonly TopologyNode[]): Promise<string[]> {
  const node = both.find(({ kind }) => kind === "container");
  if (!node) return [];
  const place = placeOf(scene, node.id.split("@")[1]);
  const [container, details] = [(await containersOf(place)).get(node.name), await detailsOf(place.machine, node.name)];
  if (!container?.running || !details) return [];
  const network = both.find(({ kind }) => kind === "network")?.name;
  const ends = (await endsIn(place, container, details)) ?? [];
  return ends
    .filter((end) => end.network?.name === network && network !== undefined)
    .map(({ own, peer }) => {
      const port = peer && `${peer.name}, ${peer.master ? `a port of ${peer.master}` : "no port of any bridge"}`;
      return `${own.name} ${own.state} is ${port ?? `interface number ${own.peer}`}`;
    });
}

async function portEntries({ machine }: Place, port: string): Promise<string[]> {
  const rules = (await rulesOf(machine)) ?? [];
  return rules
    .filter(({ text }) => text.includes(`--dport ${port} `) && text.includes("-j DNAT"))
    .map(({ text }) => text);
}

async function natEntries({ machine }: Place, nodes: readonly TopologyNode[]): Promise<string[]> {
  const rules = await rulesOf(machine);
  const subnets = nodes.flatMap(({ facts }) => facts.subnet ?? []);
  const found = subnets.flatMap((subnet) => (rules && masquerade(rules, subnet)) ?? []);
  return found.map(({ text }) => text);
}

async function tunnelEntries({ machine }: Place, name: string, target: string | undefined): Promise<string[]> {
  const network = (await machine.networks().catch(() => new Map<string, Network>())).get(name);
  const facts = network && (await overlayFacts(machine, network.id));
  if (!facts) return ["no container of the network runs here"];
  const mac = facts.neighbours.find(({ address }) => address === target)?.mac;
  const behind = facts.fdb.find((entry) => entry.mac === mac)?.machine;
  return [
    `VXLAN network ${facts.vni}`,
    ...(mac ? [`ARP: ${target} is ${mac}`] : []),
    ...(behind ? [`FDB: ${mac} is behind ${behind}`] : []),
  ];
}

/** The rules that keep the containers of one bridge out of another one. */
export async function isolationEntries({ machine }: Place, from: string, to: string): Promise<string[]> {
  const [rules, networks] = [await rulesOf(machine), await machine.networks()];
  const [one, other] = [networks.get(from)?.bridge, networks.get(to)?.bridge];
  return rules && one && other ? isolation(rules, one, other).map(({ text }) => text) : [];
}
