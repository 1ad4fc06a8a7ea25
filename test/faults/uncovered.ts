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
  {
    id: "S27",
    title: "network of the swarm left over on a node that left (moby#42136)",
    reason: "cannot be caused here",
    why: "engine 26.1 removes it when it leaves, also with a container on it (S13); node.sh removes what older engines keep",
  },
];
