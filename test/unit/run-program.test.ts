import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../../toolchain/environment.ts";

const START = join(PROJECT, "toolchain", "runProgram.cjs");

describe("the start of a program by the language host", () => {
  let project: string;
  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "dockernet-program-"));
  });
  afterEach(() => rmSync(project, { recursive: true }));

  const start = (runtime: string, cwd = project) => {
    writeFileSync(join(project, "Pulumi.yaml"), `name: a\n${runtime}\n`);
    const env = { ...process.env, PULUMI_NODEJS_TYPESCRIPT: "true" };
    const { status, stdout, stderr } = spawnSync("node", [START], { cwd, env, encoding: "utf8" });
    return { status, stdout, stderr };
  };
  /** An SDK whose start prints the variable by which it loads TypeScript. */
  const installSdk = () => {
    const sdk = join(project, "node_modules", "@pulumi", "pulumi", "cmd", "run");
    mkdirSync(sdk, { recursive: true });
    writeFileSync(join(sdk, "index.js"), "process.stdout.write(String(process.env.PULUMI_NODEJS_TYPESCRIPT))");
  };

  const LOADED: Readonly<Record<string, string>> = {
    "runtime: nodejs": "true",
    "runtime:\n  name: nodejs\n  options:\n    typescript: true": "true",
    "runtime:\n  name: nodejs\n  options:\n    typescript: false": "undefined",
    'runtime: {"name":"nodejs","options":{"typescript":false}}': "undefined",
  };
  for (const [runtime, loaded] of Object.entries(LOADED)) {
    it(`${loaded === "true" ? "loads" : "does not load"} TypeScript: ${JSON.stringify(runtime)}`, () => {
      installSdk();
      assert.deepEqual(start(runtime), { status: 0, stdout: loaded, stderr: "" });
    });
  }

  it("reads the file of the project for a program in a folder below it", () => {
    installSdk();
    const folder = join(project, "programs", "a");
    mkdirSync(folder, { recursive: true });
    assert.equal(start("runtime: { name: nodejs, options: { typescript: false } }", folder).stdout, "undefined");
  });

  it("starts this checkout's SDK for a project without one", () => {
    assert.match(start("runtime: nodejs").stderr, /--monitor=addr must be provided/);
  });
});
