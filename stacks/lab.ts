import { LAB_TYPE, type LabName } from "./labs/index.ts";
import { type Ground, Section } from "./section.ts";

/** A lab, the parent of all its resources. */
export class Lab extends Section {
  constructor(name: LabName, ground: Ground) {
    super(LAB_TYPE, name, name, ground);
  }
}
