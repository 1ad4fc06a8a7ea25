import { buildLabs } from "./stacks/buildLabs.ts";
import { readConfig } from "./stacks/readConfig.ts";

// The SDK captures a stack trace for every property of every resource: a fifth of the CPU time of a preview. Node.js's
// option --stack-trace-limit in NODE_OPTIONS, with any number but its default, turns stack traces on again.
if (Error.stackTraceLimit === 10) Error.stackTraceLimit = 0;

/** Builds the labs that the stack's settings name; what it returns are the stack's outputs. */
export default () => buildLabs(readConfig());
