import { hostOf } from "../../../components/lib/nodeId.ts";
import type { TopologyNode } from "../../../stacks/topology.ts";
import { endsIn } from "../../faults/cable.ts";
import { type Context, containersOf, type EnvironmentHost, environmentHost } from "../../faults/context.ts";
import { isolation, masquerade, publishing } from "../../host/firewall/needed.ts";
import { firewallOf } from "../../host/firewall/read.ts";
import type { Network } from "../../host/networks.ts";
import { overlayFacts } from "../../host/overlayFacts.ts";
import { routeTo } from "../../host/routes.ts";
import type { Hop } from "../../topology/paths.ts";

/** A packet that is sent along a path. */
export interface Errand {
  /** Destination address, if known. */
  readonly target: string | undefined;
  /** Networks that it passes. */
  readonly networks: readonly TopologyNode[];
}

/** The current kernel entries behind a hop: a cable, a route, a rule, a forwarding entry. */
export async function entriesOf(
  context: Context,
  { from, to, link, by }: Hop,
  { target, networks }: Errand,
): Promise<string[]> {
  const { nodes } = context.outputs.topology;
  const [start, end] = [nodes.find(({ id }) => id === from), nodes.find(({ id }) => id === to)];
  if (!start || !end) return [];
  const host = environmentHost(context, hostOf(start.id));
  const nat = by.startsWith("NAT:") ? await natEntries(host, networks) : [];
  if (link?.kind === "veth") return [...nat, ...(await cableEntries(context, start, end))];
  if (link?.kind === "publish") return portEntries(host, start.facts.port ?? "");
  if (link?.kind === "vxlan") return tunnelEntries(host, start.name, target);
  if (start.kind === "host" && target !== undefined) {
    return [...nat, (await routeTo(host.session, target)) ?? "no route"];
  }
  return nat;
}

async function cableEntries(context: Context, ...both: readonly TopologyNode[]): Promise<string[]> {
  const node = both.find(({ kind }) => kind === "container");
  if (!node) return [];
  const host = environmentHost(context, hostOf(node.id));
  const container = (await containersOf(host)).get(node.name);
  if (!container?.running) return [];
  const network = both.find(({ kind }) => kind === "network")?.name;
  const ends = (await endsIn(host, container)) ?? [];
  return ends
    .filter((end) => end.network?.name === network && network !== undefined)
    .map(({ own, peer }) => {
      const port = peer && `${peer.name}, ${peer.master ? `a port of ${peer.master}` : "no port of any bridge"}`;
      return `${own.name} ${own.state} is ${port ?? `interface number ${own.peer}`}`;
    });
}

async function portEntries({ session }: EnvironmentHost, port: string): Promise<string[]> {
  const firewall = await firewallOf(session);
  return firewall ? publishing(firewall, port).map(({ text }) => text) : [];
}

async function natEntries({ session }: EnvironmentHost, nodes: readonly TopologyNode[]): Promise<string[]> {
  const firewall = await firewallOf(session);
  const subnets = nodes.flatMap(({ facts }) => facts.subnet ?? []);
  const found = subnets.flatMap((subnet) => (firewall && masquerade(firewall, subnet)) ?? []);
  return found.map(({ text }) => text);
}

async function tunnelEntries(
  { session }: EnvironmentHost,
  name: string,
  target: string | undefined,
): Promise<string[]> {
  const network = (await session.networks().catch(() => new Map<string, Network>())).get(name);
  const facts = network && (await overlayFacts(session, network.id));
  if (!facts) return ["no container of the network runs here"];
  const mac = facts.neighbours.find(({ address }) => address === target)?.mac;
  const behind = facts.fdb.find((entry) => entry.mac === mac)?.host;
  return [
    `VXLAN network ${facts.vni}`,
    ...(mac ? [`ARP: ${target} is ${mac}`] : []),
    ...(behind ? [`FDB: ${mac} is behind ${behind}`] : []),
  ];
}

/** The rules that isolate the containers of one bridge from those of another. */
export async function isolationEntries({ session }: EnvironmentHost, from: string, to: string): Promise<string[]> {
  const [firewall, networks] = [await firewallOf(session), await session.networks().catch(() => undefined)];
  const [one, other] = [networks?.get(from)?.bridge, networks?.get(to)?.bridge];
  return firewall && one && other ? isolation(firewall, one, other).map(({ text }) => text) : [];
}
