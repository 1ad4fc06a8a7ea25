import * as z from "zod";
import { type Topology, TopologyLink, TopologyNode } from "../../../stacks/topology.ts";

/**
 * What was seen of a node or link.
 *
 * - `up`, `down`: it is there, and works or does not
 * - `missing`: the settings have it, and nothing of it is there
 * - `unexpected`: it carries the environment's labels, and the settings do not have it
 * - `unknown`: not inspected, or not possible to inspect
 */
export const State = z.enum(["up", "down", "missing", "unexpected", "unknown"]);
export type State = z.infer<typeof State>;

/** What a look at the world adds. */
const seen = {
  state: State,
  /**
   * Facts as they were found, under the names that {@link TopologyNode} and {@link TopologyLink} have for them, and beside
   * those: `address`, `mac`, `health`, `status`, `id` (of the engine), `role` (of a member), `vni`, `mtu` and `fdb` (of the
   * bridge of an overlay network), `fromMac`, `toMac`, `rxPackets` and `txPackets` (of the end `from`), `published`,
   * `route` (a host's default route), `nat` (the rule that gives packets of a network or port another address) and
   * `isolation` (the rule that keeps the bridge of a network apart from others).
   */
  live: z.record(z.string(), z.string()),
  /** Ids of the checks that failed and concern it. */
  failed: z.array(z.string()),
};

export const ModelNode = TopologyNode.extend(seen);
export type ModelNode = z.infer<typeof ModelNode>;

/** `id` is unique among nodes and links: `KIND:FROM->TO`. */
export const ModelLink = TopologyLink.extend({ id: z.string(), ...seen });
export type ModelLink = z.infer<typeof ModelLink>;

/** The result of a check, and the nodes and links that it concerns, by their ids. */
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

/** What `lab graph` draws, and what it prints as JSON: the topology of an environment with what was seen of it. */
export const Model = z.strictObject({
  environment: z.string(),
  /** Whether the hosts were inspected; without that every state is `unknown` and there are no checks. */
  live: z.boolean(),
  /** When, in ISO 8601; left out where nothing was inspected, so that the same state always gives the same bytes. */
  generatedAt: z.string().optional(),
  nodes: z.array(ModelNode),
  links: z.array(ModelLink),
  checks: z.array(ModelCheck),
});
export type Model = z.infer<typeof Model>;

export const linkId = ({ kind, from, to }: Pick<TopologyLink, "kind" | "from" | "to">): string =>
  `${kind}:${from}->${to}`;

const unseen = () => ({ state: "unknown" as const, live: {}, failed: [] });

/** The topology as the state has it, without any look at the world. */
export const offlineModel = (environment: string, { nodes, links }: Topology): Model => ({
  environment,
  live: false,
  nodes: nodes.map((node) => ({ ...node, ...unseen() })),
  links: links.map((link) => ({ ...link, id: linkId(link), ...unseen() })),
  checks: [],
});

/** A fact as it was found, else as the settings have it. */
export const factOf = ({ live, facts }: ModelNode | ModelLink, name: string): string | undefined =>
  live[name] ?? facts[name];

/** Which of the labs' nodes there are, what they are in and on, and the links between those. */
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
