import assert from "node:assert/strict";
import { FAULT_KINDS } from "../faults/catalogue.ts";
import { makeOnce, renewable } from "../faults/run.ts";

/** The faults of `npm run faults -- --quick`, once each; the whole list takes almost an hour. */
describe("faults that environments survive", function () {
  this.timeout(300_000);

  for (const { name, make, faults } of FAULT_KINDS) {
    const quick = faults.filter((fault) => fault.quick);
    if (quick.length === 0) continue;
    describe(name, () => {
      const world = renewable(make);
      after(() => world.discard());
      for (const fault of quick) {
        it(`${fault.id} ${fault.title}`, async () => {
          const { problems, said } = await makeOnce(fault, world);
          assert.deepEqual(problems, [], said);
        });
      }
    });
  }
});
