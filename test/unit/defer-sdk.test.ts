import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT } from "../../toolchain/environment.ts";
import { run } from "../../toolchain/run.ts";

const DEFER = join(PROJECT, "toolchain", "deferSdk.cjs");
/** Prints whether a module is loaded of which only the deferred ones have use. */
const LOADED = `console.log(Object.keys(require.cache).some((file) => /typescript[/]lib[/]|metavuln-calculator/.test(file)))`;

/** Runs a program in the project, with the SDK's dependencies deferred or not, and returns its lines. */
const printed = async (program: string, ...options: string[]): Promise<string[]> =>
  (await run("node", [...options, "--eval", program], { cwd: PROJECT })).split("\n");

describe("the deferred dependencies of the Pulumi SDK", function () {
  this.timeout(60_000);

  it("are loaded with the SDK if nothing defers them", async () => {
    assert.deepEqual(await printed(`require("@pulumi/pulumi"); ${LOADED}`), ["true"]);
  });

  it("are not loaded for a program of resources", async () => {
    const program = `const { ComponentResource } = require("@pulumi/pulumi"); require("@pulumi/docker"); require("@pulumi/command");
      console.log(typeof ComponentResource); ${LOADED}`;
    assert.deepEqual(await printed(program, "--require", DEFER), ["function", "false"]);
  });

  it("serve a function that is handed to the engine, with the packages that it needs", async () => {
    const program = `const pulumi = require("@pulumi/pulumi");
      (async () => {
        const { text } = await pulumi.runtime.serializeFunction((name) => name.toUpperCase());
        console.log(text.includes("name.toUpperCase()"), (await pulumi.runtime.computeCodePaths()).size > 0);
      })()`;
    assert.deepEqual(await printed(program, "--require", DEFER), ["true true"]);
  });
});
