import "../toolchain/deferSdk.js";
import { nodeProblem } from "../toolchain/node.js";

// What the command lab runs.
if (nodeProblem) {
  console.error(`error: ${nodeProblem}`);
  process.exit(2);
}
await import("./lab.ts");
