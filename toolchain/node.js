// Plain JavaScript, so that a Node.js that cannot run TypeScript can be told so.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** What is wrong with the Node.js that runs this, in a sentence; undefined where nothing is. */
export const nodeProblem =
  major > 22 || (major === 22 && minor >= 18)
    ? undefined
    : `dockernet needs Node.js 22.18 or newer, and the node on PATH is ${process.version}: install a newer one, ` +
      "or use npx pulumi and npx lab after npm install, which brings one";
