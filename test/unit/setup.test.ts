import assert from "node:assert/strict";
import { bring, type Step, type StepState } from "../../toolchain/step.ts";

describe("the set-up", () => {
  let lines: string[];
  const { log } = console;
  beforeEach(() => {
    lines = [];
    console.log = (line: string) => lines.push(line.replace(/\d+\.\d s/, "N s"));
  });
  afterEach(() => {
    console.log = log;
  });

  /** A step that is missing until it is installed. */
  const missing = (name: string, installed: string[], there = () => false): Step => ({
    name,
    look: async (): Promise<StepState> =>
      there()
        ? { there: name }
        : {
            missing: `a ${name}`,
            install: async () => {
              installed.push(name);
              return `${name} 1.0`;
            },
          },
  });
  const run = (lanes: readonly (readonly Step[])[]) =>
    bring(lanes).finally(() => {
      console.log = log;
    });

  it("announces in one line what it will install, installs it in order, and prints each step's time", async () => {
    const installed: string[] = [];
    await run([[missing("engine", installed), missing("base image", installed)]]);
    assert.deepEqual(installed, ["engine", "base image"]);
    assert.deepEqual(lines, [
      "set-up: will install or start on this machine: a engine; a base image",
      "set-up: engine: installing a engine",
      "set-up: engine: engine 1.0, done in N s",
      "set-up: base image: installing a base image",
      "set-up: base image: base image 1.0, done in N s",
      "set-up: done in N s",
    ]);
  });

  it("installs nothing that is present, nor what an earlier step provided", async () => {
    const installed: string[] = [];
    const engine = missing("engine", installed);
    const base = missing("base image", installed, () => installed.includes("engine"));
    await run([[engine, base], [missing("CLI", installed, () => true)]]);
    assert.deepEqual(installed, ["engine"]);
    assert.ok(
      lines.includes("set-up: CLI: CLI, already present") &&
        lines.includes("set-up: base image: base image, now present"),
    );
  });

  it("stops at the first step that fails, with its message", async () => {
    const installed: string[] = [];
    const broken: Step = { name: "engine", look: () => Promise.reject(new Error("missing: Docker engine")) };
    await assert.rejects(run([[broken, missing("base image", installed)]]), /missing: Docker engine/);
    assert.deepEqual(installed, []);
  });
});
