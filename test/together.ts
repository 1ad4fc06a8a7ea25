import { LAB_NAMES } from "../stacks/labs/index.ts";

/** The labs that one environment can have together: all but `swarm`, which excludes `overlay`. */
export const TOGETHER = LAB_NAMES.filter((name) => name !== "swarm");
