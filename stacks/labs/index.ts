import { bridge } from "./bridge/description.ts";
import { counter } from "./counter/description.ts";
import type { LabDescription } from "./describe.ts";
import { isolation } from "./isolation/description.ts";
import { links } from "./links/description.ts";
import { macvlan } from "./macvlan/description.ts";
import { namespaces } from "./namespaces/description.ts";
import { overlay } from "./overlay/description.ts";
import { ports } from "./ports/description.ts";
import { swarm } from "./swarm/description.ts";

/** The labs. The place of a lab in this list picks its share of an environment's subnets and ports: append only. */
export const LABS = { ports, counter, namespaces, bridge, links, isolation, overlay, macvlan, swarm };
export type LabName = keyof typeof LABS;

export const LAB_NAMES = Object.keys(LABS) as LabName[];

/** The labs in the order of the tutorial. */
export const LABS_BY_ROW = LAB_NAMES.toSorted((a, b) => LABS[a].row - LABS[b].row);

/** What is known of a lab, whichever it is. */
export const describedLab = (name: LabName): LabDescription => LABS[name];

/** The settings of each lab, with every default filled in. */
export type LabSettings = { readonly [L in LabName]: ReturnType<(typeof LABS)[L]["resolve"]> };

/** The type of the component that is a lab, and the parent of all that it makes. */
export const LAB_TYPE = "dockernet:index:Lab";
