import { readConfig } from "./stacks/config.ts";
import { buildLabs } from "./stacks/labs.ts";

/** Builds the labs that the stack's settings name; what it returns are the stack's outputs. */
export default () => buildLabs(readConfig());
