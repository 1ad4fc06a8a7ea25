import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describedLab, LAB_NAMES, LABS_BY_ROW } from "../../stacks/labs/index.ts";
import { PROJECT } from "../../toolchain/environment.ts";

const FOLDER = join(PROJECT, "stacks/labs");

describe("the labs", () => {
  it("have a folder each with a description and a build, and every folder is a lab's", () => {
    const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(folders.map(({ name }) => name).sort(), [...LAB_NAMES].sort());
    for (const name of LAB_NAMES) {
      for (const file of ["description.ts", "build.ts"]) assert.ok(existsSync(join(FOLDER, name, file)), name);
    }
  });

  it("keep their places in the list, which pick their subnets and ports", () => {
    const places = ["ports", "counter", "namespaces", "bridge", "links", "isolation", "overlay", "macvlan", "swarm"];
    assert.deepEqual(LAB_NAMES, places);
  });

  it("have a lesson each", () => {
    for (const name of LAB_NAMES) assert.ok(existsSync(join(PROJECT, "docs", `${name}.md`)), name);
  });

  it("are in the order of the rows, no row twice", () => {
    const rows = LABS_BY_ROW.map((name) => describedLab(name).row);
    assert.deepEqual(
      rows,
      [...new Set(rows)].sort((a, b) => a - b),
    );
  });
});
