import assert from "node:assert/strict";
import { openSteps } from "../../toolchain/package/readiness.ts";

describe("a release of the npm package", () => {
  const ready = {
    version: "1.2.3",
    changes: "",
    tags: ["v1.2.3"],
    changelog: "# Changelog\n\n## [1.2.3] - 2026-01-01\n",
  };

  it("is ready in a clean checkout, on the tag of its version, with an entry in its changelog", () => {
    assert.deepEqual(openSteps(ready), []);
  });

  it("names what is missing", () => {
    assert.deepEqual(
      openSteps({ version: "1.2.4", changes: " M a\n?? b\n", tags: ["v1.2.3"], changelog: ready.changelog }),
      [
        "commit or discard 2 changed files",
        "add a section [1.2.4] to components/CHANGELOG.md",
        "tag the commit: git tag v1.2.4",
      ],
    );
  });
});
