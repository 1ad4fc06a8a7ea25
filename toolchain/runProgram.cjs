const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { dirname, join } = require("node:path");

// Starts a program of Pulumi for the language host (PULUMI_LANGUAGE_NODEJS_RUN_PATH), with what the SDK rarely uses deferred. The host
// that the set-up builds is of a release that does not read the runtime options of Pulumi.yaml, and takes every program for one of
// TypeScript.
const project = process.cwd();
if (/\btypescript"?: *false\b/.test(projectFile(project))) delete process.env.PULUMI_NODEJS_TYPESCRIPT;
require("./deferSdk.cjs");
require(sdkStart());

/** The text of the project's file, which is in the folder of its program (`main`), or above it. */
function projectFile(folder) {
  for (const name of ["Pulumi.yaml", "Pulumi.yml"]) {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch {
      // looks on
    }
  }
  return dirname(folder) === folder ? "" : projectFile(dirname(folder));
}

/** The start of the project's own SDK, or else of this checkout's. */
function sdkStart() {
  const start = "@pulumi/pulumi/cmd/run";
  try {
    return createRequire(join(project, "package.json")).resolve(start);
  } catch {
    return require.resolve(start);
  }
}
