import { objectName } from "../../../components/lib/identity.ts";
import { hostId } from "../../../components/lib/nodeId.ts";
import type { Source, Target } from "../../../stacks/checks.ts";
import type { Topology } from "../../../stacks/topology.ts";
import type { Marks, NodeFinder } from "../../checks/kind.ts";
import { kindOf } from "../../checks/kinds.ts";
import type { Result } from "../../checks/verify.ts";
import { identityOf } from "../../state/environments.ts";
import { pathBetween } from "../../topology/paths.ts";
import { linkId, type ModelCheck } from "./model.ts";

/** Check results, each with the nodes that it concerns and the links on the path between them. */
export function withMarks(environment: string, topology: Topology, results: readonly Result[]): ModelCheck[] {
  const find = finderIn(environment, topology);
  return results.map(({ check, passed, actual }) => {
    const { id, row, lab, title } = check;
    const marks = kindOf(check).marks(check, find);
    const nodes = [...new Set(marks.nodes)].flatMap((node) => node ?? []);
    return { id, row, lab, title, passed, actual, nodes, links: linksOf(topology, marks.links, nodes) };
  });
}

function finderIn(environment: string, { nodes, links }: Topology): NodeFinder {
  const node: NodeFinder["node"] = (kind, name, on) =>
    nodes.find((each) => each.kind === kind && each.name === name && each.in === hostId(on))?.id;
  const host: NodeFinder["host"] = (on) => nodes.find(({ id }) => id === hostId(on))?.id;
  /** Id of the owner of an address. A name stands for the container of that name. */
  const holder = (address: string, port: number | undefined): string | undefined =>
    nodes.find(({ kind, name }) => kind === "port" && name === `${address}:${port}`)?.id ??
    links.find(({ facts }) => facts.toAddress?.startsWith(`${address}/`))?.to ??
    links.find(({ facts }) => facts.fromAddress?.replace(/\/.*/, "") === address)?.from ??
    nodes.find(
      ({ kind, name }) =>
        kind === "container" && [address, objectName(identityOf(environment), address)].includes(name),
    )?.id;
  const end = (place: Source | Target, port?: number): string | undefined => {
    if (place === "host") return host();
    if ("container" in place) return node("container", place.container, place.on);
    if ("namespace" in place) return node("namespace", place.namespace, place.on);
    if ("host" in place) return host(place.host);
    if ("gateway" in place) return node("network", place.gateway);
    return holder(place.address, port);
  };
  return { node, host, end };
}

/** Ids of the links that a check marks: the one between two nodes, or all on the route of a packet. */
function linksOf(topology: Topology, links: Marks["links"], [from, to]: readonly string[]): string[] {
  if (links === undefined || from === undefined || to === undefined) return [];
  if (links === "direct") return topology.links.filter((link) => link.from === from && link.to === to).map(linkId);
  return pathBetween(topology, from, to).hops.flatMap(({ link }) => (link ? [linkId(link)] : []));
}
