import type { Uncovered } from "./fault.ts";

/** The faults of the list that are not covered, and why. */
export const UNCOVERED: readonly Uncovered[] = [
  {
    id: "R16",
    title: "host that accepts connections and then does not answer",
    reason: "protection absent",
    why: "the command provider has no time limit for that; only Ctrl-C ends it",
  },
  {
    id: "S26",
    title: "clock of a node off",
    reason: "cannot be caused here",
    why: "containers share the kernel's clock; R36 causes it on virtual machines",
  },
];
