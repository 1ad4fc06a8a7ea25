import assert from "node:assert/strict";
import { criticalPath, type Span } from "../../bench/criticalPath.ts";

const span = (urn: string, start: number, end: number, ...after: string[]): Span => ({ urn, start, end, after });

describe("the critical path of an up", () => {
  it("follows the longest wait backwards from the last resource", () => {
    const spans = [
      span("network", 1, 2),
      span("fast", 2, 3, "network"),
      span("slow", 2, 6, "network"),
      span("beside", 1, 7),
      span("last", 7, 9, "fast", "slow"),
    ];
    assert.deepEqual(criticalPath(spans), [
      { urn: "network", waited: 1, took: 1 },
      { urn: "slow", waited: 0, took: 4 },
      { urn: "last", waited: 1, took: 2 },
    ]);
  });

  it("skips a parent that finishes after its child, and unknown resources", () => {
    const spans = [span("parent", 0, 5), span("child", 2, 4, "parent", "elsewhere"), span("other", 4, 6, "child")];
    assert.deepEqual(
      criticalPath(spans).map(({ urn }) => urn),
      ["child", "other"],
    );
  });

  it("is empty if nothing was created", () => assert.deepEqual(criticalPath([]), []));
});
