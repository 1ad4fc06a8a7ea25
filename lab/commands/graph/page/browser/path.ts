import { pathBetween } from "../../../../topology/paths.ts";
import type { ModelLink, ModelNode } from "../../model.ts";
import { factsOf, troubleOf, type View } from "./view.ts";
import { factWords, linkFacts } from "./words.ts";

type Facts = readonly (readonly [name: string, value: string])[];

/** One step of a path, as listed. */
export interface Step {
  readonly from: string;
  readonly to: string;
  /** The link that the packet takes; undefined if a kernel forwards it. */
  readonly link: ModelLink | undefined;
  /** Description of what carries the packet. */
  readonly by: string;
  readonly facts: Facts;
  /** What is wrong with the link or its end; empty if no fault is known. */
  readonly trouble: string;
}

/** A path from one object to another, with its live state. */
export interface Route {
  readonly steps: readonly Step[];
  /** Why packets cannot arrive according to the topology. */
  readonly blocked: string | undefined;
  /** The last node that a packet reaches if it does not arrive. */
  readonly at: string | undefined;
  /** Descriptions of what does not work on the path. */
  readonly broken: readonly string[];
}

/** Facts of an object that concern a packet on its way: addresses, rules and table entries. */
const ON_THE_WAY = ["interface", "subnet", "gateway", "vni", "fdb", "nat", "isolation", "route"];

export function routeBetween(view: View, from: string, to: string): Route {
  const path = pathBetween(view.model, from, to);
  const steps = path.hops.map((hop): Step => {
    const link = view.model.links.find((each) => each === hop.link);
    const [start, end] = [view.node(hop.from), view.node(hop.to)];
    const ends =
      link && start && end ? linkFacts(factsOf(link), link.from === hop.from, view.label(start), view.label(end)) : [];
    const known = end ? Object.entries(factsOf(end)) : [];
    const told = known.filter(([name]) => ON_THE_WAY.includes(name));
    const trouble = [link, end].flatMap((each) => (each ? [troubleOf(each)] : [])).filter((each) => each !== "");
    return {
      ...hop,
      link,
      facts: [...ends, ...told.map(([name, value]) => [factWords(name), value] as const)],
      trouble: [...new Set(trouble)].join(", "),
    };
  });
  const [blocked, at] = path.blocked === undefined ? [] : [path.blocked, path.at];
  const passed = [from, ...steps.map((step) => step.to)].flatMap((id) => view.node(id) ?? []);
  const broken = [
    ...passed.filter(isDead).map((node) => `${view.label(node)} is ${node.state}`),
    ...steps.flatMap(({ link, by }) => (link && isCut(link) ? [`${by} (${troubleOf(link)})`] : [])),
  ];
  return { steps, blocked, at, broken };
}

const isDead = ({ state }: ModelNode | ModelLink): boolean => state === "down" || state === "missing";

/** Whether a link is known to be broken. */
export const isCut = (link: ModelLink): boolean => isDead(link) || link.failed.length > 0;
