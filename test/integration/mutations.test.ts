import assert from "node:assert/strict";
import { type Environment, failures, makeEnvironment } from "./environment.ts";
import { mutationsOf } from "./mutations.ts";

const LABS = ["namespaces", "bridge", "links", "ports", "isolation", "counter"];

describe("the checks of the single-host labs, each broken on purpose", function () {
  this.timeout(180_000);
  let lab: Environment;
  const mutations = mutationsOf(() => lab);

  before(async () => {
    lab = await makeEnvironment({ labs: LABS });
    await lab.stack.up();
  });
  after(() => lab.remove());

  it("all pass before", async () => assert.deepEqual(failures(await lab.verify()), []));

  for (const { what, apply, undo, fails } of mutations) {
    it(`${what}: ${fails.length} fail`, async () => {
      try {
        await apply();
        const results = await lab.verify();
        const found = results.filter(({ passed }) => !passed).map((each) => `${each.check.id}: ${each.found}`);
        assert.deepEqual(failures(results).sort(), [...fails].sort(), found.join("\n"));
      } finally {
        await undo();
      }
    });
  }

  it("all pass after, and each was broken at least once", async () => {
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    const broken = new Set(mutations.flatMap(({ fails }) => fails));
    assert.deepEqual(
      results.map(({ check }) => check.id).filter((id) => !broken.has(id)),
      [],
    );
  });
});
