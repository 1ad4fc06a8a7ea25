import "../toolchain/deferSdk.cjs";
import { nodeProblem } from "../toolchain/node.js";

// What the command lab runs.
if (nodeProblem) {
  console.error(`error: ${nodeProblem}`);
  process.exit(2);
}
await import("./lab.ts");
