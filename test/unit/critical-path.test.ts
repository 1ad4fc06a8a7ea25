import assert from "node:assert/strict";
import { criticalPath, type Span } from "../../bench/criticalPath.ts";

const span = (urn: string, start: number, end: number, ...after: string[]): Span => ({ urn, start, end, after });

describe("the critical path of an up", () => {
  it("goes back from what was done last to what it waited for longest", () => {
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

  it("passes over a parent that is done after its child, and what is not known", () => {
    const spans = [span("parent", 0, 5), span("child", 2, 4, "parent", "elsewhere"), span("other", 4, 6, "child")];
    assert.deepEqual(
      criticalPath(spans).map(({ urn }) => urn),
      ["child", "other"],
    );
  });

  it("is empty when nothing was made", () => assert.deepEqual(criticalPath([]), []));
});
