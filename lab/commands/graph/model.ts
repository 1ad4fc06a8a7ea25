import * as z from "zod";
import { type Topology, TopologyLink, TopologyNode } from "../../../stacks/topology.ts";

/**
 * Live state of a node or link.
 *
 * - `up`, `down`: exists, and works or does not
 * - `missing`: in the settings, but does not exist
 * - `unexpected`: carries the environment's labels, but is not in the settings
 * - `unknown`: not inspected, or could not be inspected
 */
export const State = z.enum(["up", "down", "missing", "unexpected", "unknown"]);
export type State = z.infer<typeof State>;

/** Fields that an inspection adds. */
const seen = {
  state: State,
  /**
   * Facts as found, with the names of {@link TopologyNode} and {@link TopologyLink}, and also: `address`, `mac`,
   * `health`, `status`, `id` (in the engine), `role` (of a member), `vni`, `mtu` and `fdb` (of the bridge of an overlay
   * network), `fromMac`, `toMac`, `rxPackets` and `txPackets` (of the end `from`), `published`, `route` (a host's
   * default route), `nat` (the rule that translates addresses of a network or port) and `isolation` (the rule that
   * isolates the bridge of a network from others).
   */
  live: z.record(z.string(), z.string()),
  /** Ids of the failed checks that concern it. */
  failed: z.array(z.string()),
};

export const ModelNode = TopologyNode.extend(seen);
export type ModelNode = z.infer<typeof ModelNode>;

/** `id` is unique among nodes and links: `KIND:FROM->TO`. */
export const ModelLink = TopologyLink.extend({ id: z.string(), ...seen });
export type ModelLink = z.infer<typeof ModelLink>;

/** The result of a check, and the ids of the nodes and links that it concerns. */
export const ModelCheck = z.strictObject({
  id: z.string(),
  row: z.string(),
  lab: z.string(),
  title: z.string(),
  passed: z.boolean(),
  actual: z.string(),
  nodes: z.array(z.string()),
  links: z.array(z.string()),
});
export type ModelCheck = z.infer<typeof ModelCheck>;

/** The input of `lab graph` and its JSON output: the topology of an environment with its live state. */
export const Model = z.strictObject({
  environment: z.string(),
  /** Whether the hosts were inspected; if not, every state is `unknown` and there are no checks. */
  live: z.boolean(),
  /**
   * Time of the inspection, in ISO 8601; omitted if nothing was inspected, so that the same state has the same output.
   */
  generatedAt: z.string().optional(),
  nodes: z.array(ModelNode),
  links: z.array(ModelLink),
  checks: z.array(ModelCheck),
});
export type Model = z.infer<typeof Model>;

export const linkId = ({ kind, from, to }: Pick<TopologyLink, "kind" | "from" | "to">): string =>
  `${kind}:${from}->${to}`;

const unseen = () => ({ state: "unknown" as const, live: {}, failed: [] });

/** The topology from the state only, without inspection. */
export const offlineModel = (environment: string, { nodes, links }: Topology): Model => ({
  environment,
  live: false,
  nodes: nodes.map((node) => ({ ...node, ...unseen() })),
  links: links.map((link) => ({ ...link, id: linkId(link), ...unseen() })),
  checks: [],
});

/** Returns a live fact, or else the fact from the settings. */
export const factOf = ({ live, facts }: ModelNode | ModelLink, name: string): string | undefined =>
  live[name] ?? facts[name];

/** Restricts a model to the nodes of labs, the nodes that contain or connect to them, and the links between these. */
export function ofLabs(model: Model, labs: readonly string[]): Model {
  const byId = new Map(model.nodes.map((node) => [node.id, node]));
  const kept = new Set<string>();
  const keep = (id: string | undefined) => {
    if (id === undefined || kept.has(id)) return;
    kept.add(id);
    keep(byId.get(id)?.in);
  };
  const own = new Set(model.nodes.filter(({ lab }) => lab !== undefined && labs.includes(lab)).map(({ id }) => id));
  for (const id of own) keep(id);
  for (const { from, to } of model.links) {
    if (own.has(from) && byId.get(to)?.lab === undefined) keep(to);
    if (own.has(to) && byId.get(from)?.lab === undefined) keep(from);
  }
  return {
    ...model,
    nodes: model.nodes.filter(({ id }) => kept.has(id)),
    links: model.links.filter(({ from, to }) => kept.has(from) && kept.has(to)),
    checks: model.checks.filter(({ lab }) => labs.includes(lab)),
  };
}
