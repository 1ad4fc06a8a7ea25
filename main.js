import { RunError } from "@pulumi/pulumi/errors.js";
import { nodeProblem } from "./toolchain/node.js";

// What Pulumi loads.
if (nodeProblem) throw new RunError(nodeProblem);
const { default: program } = await import("./index.ts");

export default program;
