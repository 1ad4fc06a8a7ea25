import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CHECK_KINDS } from "../../lab/checks/kinds.ts";
import { Check } from "../../stacks/checks.ts";
import { PROJECT } from "../../toolchain/environment.ts";

describe("the kinds of checks", () => {
  const kinds = Check.options.map(({ shape }) => shape.kind.value);

  it("have a file each, and every file is of a kind", () => {
    const files = readdirSync(join(PROJECT, "lab/checks/kinds")).map((name) => name.replace(/\.ts$/, ""));
    assert.deepEqual(files.sort(), [...kinds].sort());
    assert.deepEqual(Object.keys(CHECK_KINDS).sort(), [...kinds].sort());
  });

  it("say how they prove a check, and what a failure may come from", () => {
    for (const kind of kinds) {
      const { how, mayBe, probe, participants, marks } = CHECK_KINDS[kind];
      for (const text of [how, mayBe]) assert.match(text, /^\S.*[^.]$/, kind);
      for (const part of [probe, participants, marks]) assert.equal(typeof part, "function", kind);
    }
  });
});
