import assert from "node:assert/strict";
import { usersOf } from "../changed.ts";

describe("npm test -- --changed", () => {
  const FRAME = "test/unit/frame.test.ts";
  const DOCTOR = "test/unit/doctor.test.ts";
  const SETUP = "test/integration/setup.test.ts";
  const MUTATIONS = "test/integration/shared/mutations.test.ts";
  const PAGE = "test/e2e/graph-page.test.ts";
  const TOGETHER = "test/integration/shared/*.test.ts";
  const cases: readonly (readonly [changed: string, runs: readonly string[], spares: readonly string[]])[] = [
    ["test/integration/shared/recover.test.ts", [TOGETHER], [MUTATIONS]],
    [FRAME, [FRAME], [DOCTOR, SETUP, MUTATIONS, PAGE]],
    ["components/host-script/verbs.sh", [FRAME, SETUP, MUTATIONS], []],
    ["lab/faults/network.ts", [SETUP, MUTATIONS], [FRAME]],
    ["lab/host/facts.sh", [DOCTOR], [FRAME]],
    ["images/web/app.py", [MUTATIONS, PAGE], [FRAME]],
    ["stacks/labs/bridge/build.ts", [MUTATIONS, PAGE], [FRAME, DOCTOR]],
    ["lab/checks/kinds/ping.ts", [SETUP, MUTATIONS], [FRAME]],
    ["docs/bridge.md", [TOGETHER], [FRAME, DOCTOR, SETUP, MUTATIONS, PAGE]],
    ["README.md", [], [FRAME, DOCTOR, SETUP, MUTATIONS, PAGE]],
  ];
  for (const [changed, runs, spares] of cases) {
    it(changed, () => assert.deepEqual(usersOf([changed], [...runs, ...spares]), runs));
  }
});
