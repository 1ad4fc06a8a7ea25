import { nodeId, type TopologyNode } from "../../../stacks/topology.ts";
import { SetupError } from "../../../toolchain/step.ts";
import { enteringNamespace, enteringProcess } from "../../entering.ts";
import { pathBetween } from "../../paths.ts";
import { table } from "../../table.ts";
import { detailsOf } from "../details.ts";
import { entriesOf, isolationEntries } from "../entries.ts";
import { expectedOf } from "../expected.ts";
import { containerFaults } from "../faults/container.ts";
import { namespaceFaults } from "../faults/namespace.ts";
import { networkFaults } from "../faults/network.ts";
import { firewallFaults } from "../faults/packet.ts";
import type { Found } from "../objects.ts";
import { pinged } from "../reach.ts";
import { containersOf, type Fault, type Place, placeOf, type Scene } from "../scene.ts";
import { faultRows, picture, sections } from "../tell.ts";

/** The way from one object to another: each hop with the rule or table entry behind it, and what is broken on the way. */
export async function explainPath(scene: Scene, from: Found, to: Found): Promise<string> {
  const { topology } = scene.outputs;
  const [start, end] = [await nodeOf(scene, from), await nodeOf(scene, to)];
  const path = pathBetween(topology, start.id, end.id);
  const names = (id: string) => topology.nodes.find((node) => node.id === id)?.name ?? id;
  const target = await addressOf(scene, end);
  const ids = [...new Set([start.id, ...path.hops.map(({ to: id }) => id), end.id])];
  const nodes = ids.flatMap((id) => topology.nodes.find((node) => node.id === id) ?? []);
  const networks = nodes.filter(({ kind }) => kind === "network");
  const hops = await Promise.all(
    path.hops.map(async (hop) => [
      names(hop.to),
      [hop.by, ...(await entriesOf(scene, hop, { target, networks }))].join("; "),
    ]),
  );
  const faults = [
    ...(await Promise.all(nodes.map((node) => faultsOf(scene, node)))).flat(),
    ...(await firewallOf(scene, nodes)),
  ];
  const answer = target && end.kind !== "port" && (await pingedFrom(scene, start, target));
  return sections(
    `from ${start.name} to ${end.name}${path.blocked === undefined ? "" : ", which does not arrive"}`,
    picture([[start.name, `a ${start.kind}${target ? `, which sends to ${target}` : ""}`], ...hops]),
    table([
      ...(path.blocked === undefined ? [] : [["stops", `at ${names(path.at)}: ${path.blocked}`]]),
      ...(path.blocked === undefined ? [] : await isolationRows(scene, nodes, end)),
      ...(answer ? [["ping", `${answer} from ${target}`]] : []),
      ...(await nameRow(scene, start, end)),
      ...faultRows(faults),
    ]),
  );
}

/** The rules that keep the networks on the way apart from those of the end. */
async function isolationRows(scene: Scene, nodes: readonly TopologyNode[], end: TopologyNode): Promise<string[][]> {
  const place = placeIn(scene, end);
  const ends = expectedOf(scene.outputs.topology, end.name, place.on)?.networks ?? [];
  const passed = nodes.filter((node) => node.kind === "network" && node !== end && !ends.includes(node.name));
  const found = await Promise.all(
    passed.flatMap(({ name }) => ends.map((other) => isolationEntries(place, name, other))),
  );
  return found.flat().map((rule) => ["rule", rule]);
}

/** The node of the topology that an object is. */
async function nodeOf(scene: Scene, found: Found): Promise<TopologyNode> {
  const { nodes, links } = scene.outputs.topology;
  const id = await idOfFound(scene, found);
  const node = nodes.find((each) => each.id === id);
  if (node) return node;
  const outside =
    found.kind === "address" ? links.find(({ facts }) => facts.toAddress?.startsWith(`${found.address}/`)) : undefined;
  const far = nodes.find((each) => each.id === outside?.to);
  if (far) return far;
  throw new SetupError(
    `no way is known to ${"name" in found ? found.name : "address" in found ? found.address : "it"}: a way leads between machines, containers, namespaces, networks, ports and members of the environment`,
  );
}

async function idOfFound(scene: Scene, found: Found): Promise<string | undefined> {
  switch (found.kind) {
    case "missing":
      return found.node.id;
    case "machine":
      return `machine:${found.place.on ?? ""}`;
    case "container": {
      // The container that keeps the machine outside is asked about for what is in it.
      const { name } = found.container;
      const outside = scene.outputs.topology.nodes.find((each) => each.kind === "namespace" && each.name === name);
      return outside?.id ?? nodeId("container", name, found.place.on);
    }
    case "network":
      return nodeId("network", found.network.name, found.place.on);
    case "namespace":
      return nodeId("namespace", found.name, found.place.on);
    case "member":
      return scene.outputs.topology.nodes.find(({ kind, name }) => kind === "member" && name === found.name)?.id;
    case "port":
      return scene.outputs.topology.nodes.find(
        ({ kind, facts }) => kind === "port" && facts.port === String(found.port),
      )?.id;
    case "address":
      return holding(scene, found.address);
    default:
      return undefined;
  }
}

/** Id of the container that has an address at this moment. */
async function holding({ places }: Scene, address: string): Promise<string | undefined> {
  for (const place of places) {
    const containers = [...(await containersOf(place)).values()];
    const holder = containers.find(({ addresses }) => Object.values(addresses).includes(address));
    if (holder) return nodeId("container", holder.name, place.on);
  }
  return undefined;
}

const placeIn = (scene: Scene, { id }: TopologyNode): Place => placeOf(scene, id.split("@")[1]);

/** The address at which an object can be tried. */
async function addressOf(scene: Scene, node: TopologyNode): Promise<string | undefined> {
  const { kind, name, facts, id } = node;
  if (kind === "container") {
    const addresses = (await containersOf(placeIn(scene, node))).get(name)?.addresses ?? {};
    return Object.values(addresses).find((each) => each !== "");
  }
  if (kind === "network") return facts.gateway;
  if (kind === "namespace") {
    const cable = scene.outputs.topology.links.find(
      (link) => link.kind === "veth" && (link.from === id || link.to === id),
    );
    return (cable?.from === id ? cable.facts.fromAddress : cable?.facts.toAddress)?.replace(/\/.*/, "");
  }
  return facts.address;
}

async function pingedFrom(scene: Scene, start: TopologyNode, address: string): Promise<string | undefined> {
  const place = placeIn(scene, start);
  if (start.kind === "machine") return pinged(placeOf(scene, start.facts.address ? start.name : undefined), address);
  if (start.kind === "namespace" && start.in !== undefined)
    return pinged(place, address, enteringNamespace(start.name));
  if (start.kind !== "container") return undefined;
  const details = await detailsOf(place.machine, start.name);
  return details && details.pid > 0 ? pinged(place, address, enteringProcess(details.pid)) : undefined;
}

/** Whether a container knows another one by the name that others have for it. */
async function nameRow(scene: Scene, start: TopologyNode, end: TopologyNode): Promise<string[][]> {
  if (start.kind !== "container" || end.kind !== "container") return [];
  const details = await detailsOf(placeIn(scene, end).machine, end.name);
  if (!details) return [];
  const [name = details.hostname] = Object.values(details.aliases).flat();
  const { ok, text } = await placeIn(scene, start).machine.say([
    "docker",
    "exec",
    start.name,
    "getent",
    "ahostsv4",
    name,
  ]);
  // Not every image has the program that asks.
  if (/executable file not found/.test(text)) return [];
  const answer = ok ? `knows ${name} as ${text.split(/\s/)[0]}` : `does not know the name ${name}`;
  return [["name", `${start.name} ${answer}`]];
}

function faultsOf(scene: Scene, node: TopologyNode): Promise<Fault[]> {
  const place = placeIn(scene, node);
  if (node.kind === "container") return containerFaults(scene, place, node.name);
  if (node.kind === "network") return networkFaults(scene, place, node.name);
  if (node.kind === "namespace" && node.in !== undefined) return namespaceFaults(scene, place, node.name);
  return Promise.resolve([]);
}

function firewallOf(scene: Scene, nodes: readonly TopologyNode[]): Promise<Fault[]> {
  const containers = nodes.filter(({ kind }) => kind === "container");
  const [first] = containers;
  if (!first) return Promise.resolve([]);
  const place = placeIn(scene, first);
  const names = containers.filter((each) => placeIn(scene, each) === place).map(({ name }) => name);
  return firewallFaults(place, names, [], undefined);
}
