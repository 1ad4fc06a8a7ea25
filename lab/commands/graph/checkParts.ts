import { objectName } from "../../../components/lib/identity.ts";
import { machineId } from "../../../components/lib/nodeId.ts";
import type { Check } from "../../../stacks/checks.ts";
import type { Topology, TopologyNode } from "../../../stacks/topology.ts";
import type { Result } from "../../checks/verify.ts";
import { identityOf } from "../../state/environments.ts";
import { pathBetween } from "../../topology/paths.ts";
import { linkId, type ModelCheck } from "./model.ts";

type Place = Check extends infer C
  ? (C extends { from: infer F } ? F : never) | (C extends { to: infer T } ? T : never)
  : never;

/** The results of checks, each with the nodes that it is about and the links of the way between them. */
export function withParts(environment: string, topology: Topology, results: readonly Result[]): ModelCheck[] {
  return results.map(({ check, passed, found }) => {
    const { id, row, lab, says } = check;
    const nodes = nodesOf(environment, topology, check);
    return { id, row, lab, says, passed, found, nodes, links: linksOf(topology, check, nodes) };
  });
}

/** Ids of the nodes that a check is about; from where it starts to what it is aimed at, where it has both. */
function nodesOf(environment: string, { nodes, links }: Topology, check: Check): string[] {
  const find = (kind: TopologyNode["kind"], name: string, on?: string) =>
    nodes.find((node) => node.kind === kind && node.name === name && node.in === machineId(on))?.id;
  const machine = (on?: string) => nodes.find(({ id }) => id === machineId(on))?.id;
  /** Who has an address, or answers to it: a name stands for the container of that name. */
  const holder = (address: string, port: number | undefined): string | undefined =>
    nodes.find(({ kind, name }) => kind === "port" && name === `${address}:${port}`)?.id ??
    links.find(({ facts }) => facts.toAddress?.startsWith(`${address}/`))?.to ??
    links.find(({ facts }) => facts.fromAddress?.replace(/\/.*/, "") === address)?.from ??
    nodes.find(
      ({ kind, name }) =>
        kind === "container" && [address, objectName(identityOf(environment), address)].includes(name),
    )?.id;
  const idOf = (place: Place, port?: number): string | undefined => {
    if (place === "host") return machine();
    if ("container" in place) return find("container", place.container, place.on);
    if ("namespace" in place) return find("namespace", place.namespace, place.on);
    if ("host" in place) return machine(place.host);
    if ("gateway" in place) return find("network", place.gateway);
    return holder(place.address, port);
  };
  return [...new Set(named(check, idOf, find, machine))].flatMap((id) => (id === undefined ? [] : [id]));
}

type Found = string | undefined;

/** What a check names, in the order in which a packet comes by, where it is about one. */
function named(
  check: Check,
  idOf: (place: Place, port?: number) => Found,
  find: (kind: TopologyNode["kind"], name: string, on?: string) => Found,
  machine: (on?: string) => Found,
): Found[] {
  switch (check.kind) {
    case "ping":
      return [idOf(check.from), idOf(check.to)];
    case "tcp":
    case "http":
      return [idOf(check.from), idOf(check.to, check.port)];
    case "vxlan":
      return [idOf(check.from), idOf(check.to)];
    case "counts":
      return [machine(), idOf(check.to, check.port)];
    case "dns":
      return [idOf(check.from)];
    case "interface":
    case "interfaces":
    case "stack":
    case "driver":
      return [idOf(check.at)];
    case "bridged":
    case "attached":
      return [find("container", check.container), find("network", check.network)];
    case "private":
    case "published":
    case "environment":
      return [find("container", check.container)];
    case "versions":
      return check.hosts.map((host) => find("member", host, host));
    case "shared":
      return check.hosts.map((host) => find("network", check.network, host));
    case "process":
    case "quorum":
      return [find("member", check.on, check.on)];
    case "store":
      return [machine(check.on), find("member", check.on, check.on)];
    case "stored":
    case "duplicate":
      return [find("network", check.network, check.on)];
  }
}

/** Ids of the links that a check is about: the one between two nodes, or all on the way of a packet that must arrive. */
function linksOf(topology: Topology, check: Check, [from, to]: readonly string[]): string[] {
  if (from === undefined || to === undefined) return [];
  switch (check.kind) {
    case "attached":
    case "bridged":
    case "store":
      return topology.links.filter((link) => link.from === from && link.to === to).map(linkId);
    case "ping":
    case "tcp":
    case "http":
    case "vxlan":
    case "counts": {
      const barred = "expect" in check && (check.expect === "silence" || check.expect === "closed");
      const hops = barred ? [] : pathBetween(topology, from, to).hops;
      return hops.flatMap(({ link }) => (link ? [linkId(link)] : []));
    }
    default:
      return [];
  }
}
