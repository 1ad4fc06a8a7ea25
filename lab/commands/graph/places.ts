import type { Model, ModelNode } from "./model.ts";

/** A host as drawn: a frame around its nodes. */
export interface Frame {
  /** Undefined for the paper, which holds everything outside of all hosts. */
  readonly host: ModelNode | undefined;
  readonly nodes: readonly ModelNode[];
  readonly frames: readonly Frame[];
}

/** Layout of the picture. */
export interface Places {
  readonly paper: Frame;
  /** Id of the node at which a link to this node ends: a host is a frame, so a node in it represents it. */
  readonly endOf: (id: string) => string;
  /** Ids of the hosts without a node that can represent them. */
  readonly alone: ReadonlySet<string>;
}

/**
 * Finds a place for every node. A practice node, which is a host in a container, is one frame, represented by that
 * container. Other hosts are represented by the engine's network `host`.
 */
export function placesOf({ nodes, links }: Model): Places {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const inside = new Map(nodes.flatMap((node) => (isHostIn(node, byId) ? [[node.in, node.id] as const] : [])));
  const frameOf = ({ id, kind, in: within }: ModelNode): string | undefined => {
    if (kind === "container" && inside.has(id)) return inside.get(id);
    const around = within === undefined ? undefined : byId.get(within);
    return kind === "host" && around?.kind === "container" ? around.in : within;
  };
  const frame = (host: ModelNode | undefined): Frame => {
    const own = nodes.filter((node) => frameOf(node) === host?.id);
    const frames = own.filter(({ kind }) => kind === "host").map(frame);
    return { host, nodes: own.filter(({ kind }) => kind !== "host"), frames };
  };
  const standIns = new Map<string, string>();
  for (const { id, kind, in: within, facts } of nodes) {
    if (kind === "network" && facts.driver === "host" && within !== undefined) standIns.set(within, id);
    const host = inside.get(id);
    if (host !== undefined) standIns.set(host, id);
  }
  const ends = new Set(links.flatMap(({ from, to }) => [from, to]));
  const alone = nodes.filter(({ id, kind }) => kind === "host" && !standIns.has(id) && ends.has(id));
  return {
    paper: frame(undefined),
    endOf: (id) => standIns.get(id) ?? id,
    alone: new Set(alone.map(({ id }) => id)),
  };
}

const isHostIn = (node: ModelNode, byId: ReadonlyMap<string, ModelNode>): boolean =>
  node.kind === "host" && node.in !== undefined && byId.get(node.in)?.kind === "container";

/** Pairs of a bridge and the host's own network, for each bridge that its host routes and translates (NAT). */
export function routesOf({ nodes }: Model): [bridge: string, host: string][] {
  const hosts = new Map(nodes.filter(({ facts }) => facts.driver === "host").map((node) => [node.in, node.id]));
  return nodes.flatMap(({ id, in: within, facts }) => {
    const host = hosts.get(within);
    return facts.driver === "bridge" && host !== undefined ? [[id, host] as [string, string]] : [];
  });
}
