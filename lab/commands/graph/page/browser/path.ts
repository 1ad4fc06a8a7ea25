import { pathBetween } from "../../../../topology/paths.ts";
import type { ModelLink, ModelNode } from "../../model.ts";
import { factsOf, troubleOf, type View } from "./view.ts";
import { factWords, linkFacts } from "./words.ts";

type Facts = readonly (readonly [name: string, value: string])[];

/** One step of a path, as it is listed. */
export interface Step {
  readonly from: string;
  readonly to: string;
  /** The link that it takes; undefined where a kernel hands the packet on. */
  readonly link: ModelLink | undefined;
  /** What carries the packet, in words. */
  readonly by: string;
  readonly facts: Facts;
  /** What is wrong with the link or with what it leads to; empty where nothing is known to be. */
  readonly trouble: string;
}

/** A path from one object to another, as the structure has it and with what was seen of it. */
export interface Route {
  readonly steps: readonly Step[];
  /** Why packets do not arrive by the structure. */
  readonly blocked: string | undefined;
  /** The node that has the packet last where they do not. */
  readonly at: string | undefined;
  /** What on it does not work, in words. */
  readonly broken: readonly string[];
}

/** What an object tells about a packet that it carries: addresses, rules, and entries of tables. */
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

/** Whether nothing gets through a link, as far as anybody knows. */
export const isCut = (link: ModelLink): boolean => isDead(link) || link.failed.length > 0;
