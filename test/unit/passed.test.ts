import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../../toolchain/environment.ts";
import { isUntouched } from "../due.ts";
import { passedOn, recordPassed, sourcesOf } from "../passed.ts";

describe("records of passed tests", () => {
  const before = process.env.DOCKERNET_CACHE;
  const ENGINE = "20.10.24";
  const added = join(PROJECT, "toolchain", "go", "zz-unit-test");
  let folder: string;
  const day = (name: string, engine = ENGINE) => passedOn(name, sourcesOf(name, engine));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dockernet-passed-"));
    process.env.DOCKERNET_CACHE = folder;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.DOCKERNET_CACHE;
    else process.env.DOCKERNET_CACHE = before;
    rmSync(folder, { recursive: true });
    rmSync(added, { force: true });
  });

  it("name the day while sources and engine are the same", () => {
    assert.equal(day("providers"), undefined);
    recordPassed("providers", sourcesOf("providers", ENGINE));
    assert.match(day("providers") ?? "", /^\d{4}-\d\d-\d\d$/);
    assert.equal(day("providers", "29.1.3"), undefined);
    writeFileSync(added, "");
    assert.equal(day("providers"), undefined);
  });

  it("are not kept for tests that always run", () => {
    recordPassed("unit", sourcesOf("unit", ENGINE));
    assert.equal(day("unit"), undefined);
  });

  it("count for nothing if they are damaged", () => {
    recordPassed("providers", sourcesOf("providers", ENGINE));
    appendFileSync(join(folder, "tests", "providers.json"), "}");
    assert.equal(day("providers"), undefined);
  });

  it("depend on what a test file imports", () => {
    const sources = sourcesOf("test/e2e/jump.test.ts", ENGINE);
    writeFileSync(added, "");
    assert.notEqual(sourcesOf("test/e2e/jump.test.ts", ENGINE), sources);
    assert.notEqual(sourcesOf("test/e2e/graph-page.test.ts", ENGINE), sourcesOf("test/e2e/jump.test.ts", ENGINE));
  });
});

describe("tests of one thing", () => {
  it("are due if a file that they depend on is changed, and else not", () => {
    assert.ok(isUntouched("providers", ["docs/bridge.md", "components/lib/cidr.ts"]));
    assert.ok(!isUntouched("providers", ["toolchain/go/docker/main.go"]));
    assert.ok(!isUntouched("providers", ["package-lock.json"]));
    assert.ok(isUntouched("test/e2e/graph-page.test.ts", ["bench/etcd.ts", "README.md"]));
    assert.ok(!isUntouched("test/e2e/graph-page.test.ts", ["lab/commands/graph/page/view.ts"]));
    assert.ok(!isUntouched("test/e2e/swarm-managers.test.ts", ["components/lib/swarm.ts"]));
  });

  it("are the only ones that are left out without having passed", () => {
    assert.ok(!isUntouched("unit", []));
    assert.ok(!isUntouched("test/e2e/overlay.test.ts", []));
  });
});
