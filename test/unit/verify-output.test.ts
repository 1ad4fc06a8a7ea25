import assert from "node:assert/strict";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { Parser } from "tap-parser";
import { resultJunit } from "../../lab/cli/junit.ts";
import { countProgress } from "../../lab/cli/progress.ts";
import { conclusion } from "../../lab/cli/results.ts";
import { resultTap } from "../../lab/cli/tap.ts";
import { matrixTable, type Pair } from "../../lab/commands/verify/matrix.ts";
import { select } from "../../lab/commands/verify/select.ts";
import type { Check } from "../../stacks/checks.ts";

const HOSTILE = 'it # is \\ "so" <b>&amp; \u0000\u001b[31m\nand more';
const published = (id: string, lab: string, title: string): Check => ({
  id,
  row: id.replace(/-.*/, ""),
  lab,
  title,
  kind: "published",
  container: "redis",
  expect: [],
});
const RESULTS = [
  { check: published("8.1-a", "counter", "it does"), passed: true, actual: "nothing published", ms: 12 },
  { check: published("8.3-b", "counter", HOSTILE), passed: false, actual: HOSTILE, ms: 3_400 },
  { check: published("9.10-c", "overlay", "it does too"), passed: true, actual: "nothing", ms: 0 },
];

interface Point {
  readonly ok: boolean;
  readonly id: number;
  readonly name: string;
  /** The parser reads it from the diagnostics. */
  readonly time: number;
  readonly diag: Readonly<Record<string, unknown>>;
}

describe("results as TAP", () => {
  it("are parsed by a TAP parser to the same checks, whatever their texts", () => {
    const points: Point[] = [];
    const strict = new Parser({ strict: true });
    let outcome: { ok: boolean; count: number; failures: unknown[] } | undefined;
    strict.on("assert", (point: Point) => points.push(point));
    strict.on("complete", (result) => {
      outcome = result;
    });
    strict.end(resultTap(RESULTS));
    assert.deepEqual([outcome?.ok, outcome?.count], [false, 3]);
    assert.deepEqual(
      points.map(({ ok, id, diag, time }) => [ok, id, diag.lab, diag.row, diag.actual, time]),
      [
        [true, 1, "counter", "8.1", "nothing published", 12],
        [false, 2, "counter", "8.3", HOSTILE, 3_400],
        [true, 3, "overlay", "9.10", "nothing", 0],
      ],
    );
    assert.match(points[1]?.name ?? "", /^8\.3-b: it # is \\ "so"/);
  });
});

describe("results as JUnit XML", () => {
  const xml = resultJunit("practice", RESULTS);
  const list = (name: string) => ["testsuite", "testcase"].includes(name);
  const read = () => new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "", isArray: list }).parse(xml);

  it("are well-formed, with a suite per lab, counts, and times in seconds", () => {
    assert.equal(XMLValidator.validate(xml), true);
    const { testsuites } = read();
    assert.deepEqual(
      [testsuites.name, testsuites.tests, testsuites.failures, testsuites.time],
      [...["practice", "3", "1", "3.412"]],
    );
    const suites = testsuites.testsuite as { name: string; tests: string; failures: string; testcase: unknown[] }[];
    assert.deepEqual(
      suites.map(({ name, tests, failures, testcase }) => [name, tests, failures, testcase.length]),
      [
        ["counter", "2", "1", 2],
        ["overlay", "1", "0", 1],
      ],
    );
  });

  it("show the result and the hint of a failure, without characters that XML cannot contain", () => {
    const [, failed] = read().testsuites.testsuite[0].testcase;
    assert.equal(failed.classname, "practice.counter");
    assert.equal(failed.time, "3.400");
    assert.match(failed.failure.message, /^it # is \\ "so" <b>&amp; \[31m\s+and more$/);
    assert.equal(failed.failure["#text"], "npx lab explain practice 8.3-b");
  });
});

describe("the end of a table of results", () => {
  it("is the count, and after a failure a hint and the repair command", () => {
    assert.equal(conclusion("practice", RESULTS.slice(0, 1)), "1 passed, 0 failed");
    assert.equal(
      conclusion("practice", RESULTS),
      "hint: npx lab explain practice 8.3-b\n\n2 passed, 1 failed; back to green: npx lab recover practice",
    );
  });
});

describe("--only", () => {
  const checks = ["8.1-a", "8.3-dns", "8.3-http", "8.10-x"].map((id) => published(id, "counter", id));
  const all = [...checks, published("9.1-version", "overlay", "9.1-version"), published("80.1-y", "late", "y")];
  const cases: readonly (readonly [patterns: readonly string[], ids: readonly string[]])[] = [
    [[], all.map(({ id }) => id)],
    [["8"], ["8.1-a", "8.3-dns", "8.3-http", "8.10-x"]],
    [["8.1"], ["8.1-a"]],
    [
      ["8.3-dns", "overlay"],
      ["8.3-dns", "9.1-version"],
    ],
    [["8.3-*"], ["8.3-dns", "8.3-http"]],
    [["*-{a,x}"], ["8.1-a", "8.10-x"]],
  ];
  for (const [patterns, ids] of cases) {
    it(`${patterns.join(" ") || "without patterns"}: ${ids.join(" ")}`, () => {
      assert.deepEqual(
        select(all, patterns).map(({ id }) => id),
        ids,
      );
    });
  }

  it("refuses a pattern without a match, and lists the checks", () => {
    assert.throws(() => select(all, ["8.1", "7", "x*"]), {
      message:
        /^there is no check 7, x\*; there are\n {2}labs: counter, overlay, late\n {2}rows: 8\.1, 8\.3.*\n {2}ids: 8/,
    });
  });
});

describe("progress", () => {
  it("counts, and names the check that has been running longest", () => {
    const { begins, ends, line } = countProgress(3);
    const [first, second] = RESULTS.map(({ check }) => check) as [Check, Check];
    begins(first);
    begins(second);
    assert.match(line(), /^0 of 3 checks, 0 failed, 8\.1-a for \d+\.\d s$/);
    ends({ check: first, passed: false, actual: "", ms: 1 });
    assert.match(line(), /^1 of 3 checks, 1 failed, 8\.3-b for/);
    ends({ check: second, passed: true, actual: "", ms: 1 });
    assert.equal(line(), "2 of 3 checks, 1 failed");
  });
});

describe("the matrix", () => {
  it("marks each pair, explains its marks, and lists the faults", () => {
    const pair = (from: string, to: string, expected: boolean, actual: boolean | undefined, why?: string): Pair => ({
      from,
      to,
      expected,
      actual,
      ...(why !== undefined && { why }),
    });
    const [here, a, b] = ["host:", "container:a", "container:b@node"] as const;
    assert.equal(
      matrixTable([
        ...[pair(here, a, true, true), pair(here, b, false, undefined, "no route")],
        ...[pair(a, here, true, false), pair(a, b, false, false, "two bridges")],
        ...[pair(b, here, true, undefined, "it is down"), pair(b, a, false, true, "two bridges")],
      ]),
      [
        "   FROM \\ TO  1  2  3",
        "1  this host     +  .",
        "2  a          X     -",
        "3  b@node     ?  !",
        "",
        "+  reaches it, as expected",
        "-  does not reach it, as expected",
        ".  no way, and not tried: it has no address, or the packet would leave the environment",
        "?  not probed: no shell on that host",
        "X  should reach it, and does not",
        "!  should not reach it, and does",
        "",
        "WRONG a does not reach this host",
        "WRONG b@node reaches a, although two bridges",
        "",
        "6 pairs, 4 tried, 2 wrong",
      ].join("\n"),
    );
  });
});
