import { buildLabs } from "./stacks/buildLabs.ts";
import { readConfig } from "./stacks/readConfig.ts";

// The SDK looks at a stack for every property of every resource, and has each frame translated by a source map. Types
// that are stripped leave every line where it was, so there is nothing to translate, and a preview takes a third less.
Reflect.deleteProperty(Error, "prepareStackTrace");

/** Builds the labs that the stack's settings name; what it returns are the stack's outputs. */
export default () => buildLabs(readConfig());
