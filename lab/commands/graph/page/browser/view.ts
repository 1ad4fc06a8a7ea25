import type { Model, ModelCheck, ModelLink, ModelNode } from "../../model.ts";
import { kindWords } from "./words.ts";

/** Data of the page, embedded in it as JSON. */
export interface PageData {
  readonly model: Model;
  /** Ids of each lab's nodes, with the nodes that contain or connect to them. */
  readonly labs: Readonly<Record<string, readonly string[]>>;
}

/** The model, indexed for the page. */
export class View {
  readonly model: Model;
  readonly labs: PageData["labs"];
  readonly #nodes: ReadonlyMap<string, ModelNode>;

  constructor({ model, labs }: PageData) {
    this.model = model;
    this.labs = labs;
    this.#nodes = new Map(model.nodes.map((node) => [node.id, node]));
  }

  node(id: string | undefined): ModelNode | undefined {
    return this.#nodes.get(id ?? "");
  }

  /** The name of a node, made unique if another node has the same name. */
  label({ id, kind, name }: ModelNode): string {
    const namesakes = this.model.nodes.filter((each) => each.name === name && each.id !== id);
    if (namesakes.length === 0) return name;
    const host = this.hostOf(id);
    if (namesakes.every((each) => each.kind !== kind)) return `${name} (${kindWords(kind)})`;
    return `${name} on ${host?.name ?? "no host"}`;
  }

  /** The address or block of a node, if known; for a container, the address of one of its cables. */
  addressOf(node: ModelNode): string | undefined {
    const { address, subnet } = factsOf(node);
    const ends = this.model.links.flatMap((link) => {
      const { fromAddress, toAddress } = link.kind === "veth" && node.kind !== "host" ? factsOf(link) : {};
      return [link.from === node.id ? fromAddress : undefined, link.to === node.id ? toAddress : undefined];
    });
    return address ?? subnet ?? ends.find((each) => each !== undefined);
  }

  /** The host that a node is on. */
  hostOf(id: string): ModelNode | undefined {
    const around = this.node(this.node(id)?.in);
    return around === undefined || around.kind === "host" ? around : this.hostOf(around.id);
  }

  /** The checks that concern a node or link. */
  checksOf(id: string): readonly ModelCheck[] {
    return this.model.checks.filter(({ nodes, links }) => nodes.includes(id) || links.includes(id));
  }

  inLab(id: string, lab: string | undefined): boolean {
    return lab === undefined || (this.labs[lab] ?? []).includes(id);
  }
}

/** Facts, with live values in place of those from the settings. */
export const factsOf = ({ facts, live }: ModelNode | ModelLink): Readonly<Record<string, string>> => ({
  ...facts,
  ...live,
});

/** Describes the faults of a node or link, for a mark beside its name; empty without faults. */
export function troubleOf({ state, failed }: ModelNode | ModelLink): string {
  return [
    ...(state === "up" || state === "unknown" ? [] : [state]),
    ...(failed.length > 0 ? [`${count(failed.length, "check")} failed`] : []),
  ].join(", ");
}

/** `1 check`, `2 checks`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Summary of the check results. */
export function summaryOf({ model: { checks, live } }: View): string {
  const failed = checks.filter(({ passed }) => !passed).length;
  return live ? `${checks.length - failed} passed, ${failed} failed` : "Not checked";
}
