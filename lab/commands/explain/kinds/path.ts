import { hostId, nodeId, parseNodeId } from "../../../../components/lib/nodeId.ts";
import type { TopologyNode } from "../../../../stacks/topology.ts";
import { LabError } from "../../../cli/errors.ts";
import { containerFaults } from "../../../faults/container.ts";
import {
  type Context,
  containersOf,
  distinct,
  type EnvironmentHost,
  environmentHost,
  type Fault,
} from "../../../faults/context.ts";
import { expectedOf } from "../../../faults/expected.ts";
import { namespaceFaults } from "../../../faults/namespace.ts";
import { networkFaults } from "../../../faults/network.ts";
import { firewallFaults } from "../../../faults/packet.ts";
import type { Failure } from "../../../host/firewall/foreignRules.ts";
import { needsRoot, netnsExec, netnsExecOfContainer, netnsExecOfProcess } from "../../../host/netnsExec.ts";
import { pathBetween } from "../../../topology/paths.ts";
import { entriesOf, isolationEntries } from "../entries.ts";
import { type Explanation, explanation, faultRows, labelled, picture } from "../format.ts";
import type { NamedObject } from "../objects.ts";
import { pinged } from "../reach.ts";
import { unseenRows } from "../unseen.ts";

/** Explains the path between two objects: each hop with its rule or table entry, and what is broken. */
export async function explainPath(context: Context, from: NamedObject, to: NamedObject): Promise<Explanation> {
  const { topology } = context.outputs;
  const [start, end] = [await nodeOf(context, from), await nodeOf(context, to)];
  const path = pathBetween(topology, start.id, end.id);
  const names = (id: string) => topology.nodes.find((node) => node.id === id)?.name ?? id;
  const target = await addressOf(context, end);
  const ids = [...new Set([start.id, ...path.hops.map(({ to: id }) => id), end.id])];
  const nodes = ids.flatMap((id) => topology.nodes.find((node) => node.id === id) ?? []);
  const networks = nodes.filter(({ kind }) => kind === "network");
  const hops = await Promise.all(
    path.hops.map(async (hop) => [
      names(hop.to),
      [hop.by, ...(await entriesOf(context, hop, { target, networks }))].join("; "),
    ]),
  );
  const faults = distinct([
    ...(await Promise.all(nodes.map((node) => faultsOf(context, node)))).flat(),
    ...(await firewallOf(context, nodes, path.blocked === undefined ? "lost" : "arrived")),
  ]);
  const answer = target && end.kind !== "port" && (await pingedFrom(context, start, target));
  return explanation(
    faults,
    `from ${start.name} to ${end.name}${path.blocked === undefined ? "" : ", which does not arrive"}`,
    picture([[start.name, `a ${start.kind}${target ? `, which sends to ${target}` : ""}`], ...hops]),
    labelled([
      ...(path.blocked === undefined ? [] : [["blocked", `at ${names(path.at)}: ${path.blocked}`]]),
      ...(path.blocked === undefined ? [] : await isolationRows(context, nodes, end)),
      ...(answer ? [["ping", `${answer} from ${target}`]] : []),
      ...(await nameRow(context, start, end)),
      ...faultRows(faults),
      ...(await unseenRows(placeIn(context, start))),
    ]),
  );
}

/** The rules that isolate the networks on the path from those of its end. */
async function isolationRows(context: Context, nodes: readonly TopologyNode[], end: TopologyNode): Promise<string[][]> {
  const host = placeIn(context, end);
  const ends = expectedOf(context.outputs.topology, end.name, host.on)?.networks ?? [];
  const passed = nodes.filter((node) => node.kind === "network" && node !== end && !ends.includes(node.name));
  const found = await Promise.all(
    passed.flatMap(({ name }) => ends.map((other) => isolationEntries(host, name, other))),
  );
  return found.flat().map((rule) => ["rule", rule]);
}

/** The topology node of an object. */
async function nodeOf(context: Context, found: NamedObject): Promise<TopologyNode> {
  const { nodes, links } = context.outputs.topology;
  const id = await idOfFound(context, found);
  const node = nodes.find((each) => each.id === id);
  if (node) return node;
  const outside =
    found.kind === "address" ? links.find(({ facts }) => facts.toAddress?.startsWith(`${found.address}/`)) : undefined;
  const far = nodes.find((each) => each.id === outside?.to);
  if (far) return far;
  throw new LabError(
    `no way is known to ${"name" in found ? found.name : "address" in found ? found.address : "it"}: a way leads between hosts, containers, namespaces, networks, ports and members of the environment`,
  );
}

async function idOfFound(context: Context, found: NamedObject): Promise<string | undefined> {
  switch (found.kind) {
    case "missing":
      return found.node.id;
    case "host":
      return hostId(found.host.on);
    case "container": {
      // For the container that keeps the outside host, explain the namespace in it.
      const { name } = found.container;
      const outside = context.outputs.topology.nodes.find((each) => each.kind === "namespace" && each.name === name);
      return outside?.id ?? nodeId("container", name, found.host.on);
    }
    case "network":
      return nodeId("network", found.network.name, found.host.on);
    case "namespace":
      return nodeId("namespace", found.name, found.host.on);
    case "member":
      return context.outputs.topology.nodes.find(({ kind, name }) => kind === "member" && name === found.name)?.id;
    case "port":
      return context.outputs.topology.nodes.find(
        ({ kind, facts }) => kind === "port" && facts.port === String(found.port),
      )?.id;
    case "address":
      return holding(context, found.address);
    default:
      return undefined;
  }
}

/** Id of the container that has an address now. */
async function holding({ hosts }: Context, address: string): Promise<string | undefined> {
  for (const host of hosts) {
    const containers = [...(await containersOf(host)).values()];
    const holder = containers.find(({ addresses }) => Object.values(addresses).includes(address));
    if (holder) return nodeId("container", holder.name, host.on);
  }
  return undefined;
}

const placeIn = (context: Context, { id }: TopologyNode): EnvironmentHost =>
  environmentHost(context, parseNodeId(id).on);

/** The address to probe an object at. */
async function addressOf(context: Context, node: TopologyNode): Promise<string | undefined> {
  const { kind, name, facts, id } = node;
  if (kind === "container") {
    const addresses = (await containersOf(placeIn(context, node))).get(name)?.addresses ?? {};
    return Object.values(addresses).find((each) => each !== "");
  }
  // The router of a macvlan network is another machine.
  if (kind === "network") return facts.driver === "macvlan" ? undefined : facts.gateway;
  if (kind === "namespace") {
    const cable = context.outputs.topology.links.find(
      (link) => link.kind === "veth" && (link.from === id || link.to === id),
    );
    return (cable?.from === id ? cable.facts.fromAddress : cable?.facts.toAddress)?.replace(/\/.*/, "");
  }
  return facts.address;
}

async function pingedFrom(context: Context, start: TopologyNode, address: string): Promise<string | undefined> {
  const host = placeIn(context, start);
  if (start.kind === "host")
    return pinged(environmentHost(context, start.facts.address ? start.name : undefined), address);
  if (start.kind === "namespace" && start.in !== undefined)
    return needsRoot(host.session) ? undefined : pinged(host, address, netnsExec(start.name));
  const container = start.kind === "container" ? (await containersOf(host)).get(start.name) : undefined;
  if (!container?.running) return undefined;
  const { local } = host.session;
  const enter = local ? netnsExecOfContainer(host.session, container) : netnsExecOfProcess(container.pid);
  return pinged(host, address, enter ?? ["docker", "exec", container.name]);
}

/** Whether a container resolves another one by its name on the network. */
async function nameRow(context: Context, start: TopologyNode, end: TopologyNode): Promise<string[][]> {
  if (start.kind !== "container" || end.kind !== "container") return [];
  const details = (await containersOf(placeIn(context, end))).get(end.name)?.details;
  if (!details) return [];
  const [name = details.hostname] = Object.values(details.aliases).flat();
  const { ok, text } = await placeIn(context, start).session.say([
    "docker",
    "exec",
    start.name,
    "getent",
    "ahostsv4",
    name,
  ]);
  // Not every image has getent.
  if (/executable file not found/.test(text)) return [];
  const answer = ok ? `knows ${name} as ${text.split(/\s/)[0]}` : `does not know the name ${name}`;
  return [["name", `${start.name} ${answer}`]];
}

function faultsOf(context: Context, node: TopologyNode): Promise<Fault[]> {
  const host = placeIn(context, node);
  if (node.kind === "container") return containerFaults(context, host, node.name);
  if (node.kind === "network") return networkFaults(context, host, node.name);
  if (node.kind === "namespace" && node.in !== undefined) return namespaceFaults(context, host, node.name);
  return Promise.resolve([]);
}

function firewallOf(context: Context, nodes: readonly TopologyNode[], failure: Failure): Promise<Fault[]> {
  const containers = nodes.filter(({ kind }) => kind === "container");
  const [first] = containers;
  if (!first) return Promise.resolve([]);
  const host = placeIn(context, first);
  const names = containers.filter((each) => placeIn(context, each) === host).map(({ name }) => name);
  const own = nodes.some(({ kind }) => kind === "host" || kind === "port");
  return firewallFaults(host, { containers: names, addresses: [], failure, own });
}
