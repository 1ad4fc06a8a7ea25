import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { PROJECT } from "../../toolchain/environment.ts";
import { openSteps } from "../../toolchain/package/readiness.ts";
import { FIT } from "../matrix/rows.ts";

/** The parts of a workflow that a test reads. */
const Workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      strategy: z.object({ matrix: z.object({ engine: z.array(z.string()).optional() }) }).optional(),
      steps: z.array(z.object({ run: z.string().optional() })),
    }),
  ),
});

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

describe("the workflow for forks", () => {
  const { jobs } = Workflow.parse(parse(readFileSync(join(PROJECT, ".github", "workflows", "test.yml"), "utf8")));
  const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));

  it("runs npm scripts and test files that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8"));
    const used = commands.flatMap((command) => [...command.matchAll(/\bnpm (?:run (\S+)|(start|test))/g)]);
    const names = used.map(([, name, known = ""]) => name ?? known);
    assert.ok(names.length > 3, names.join());
    assert.deepEqual(
      names.filter((name) => !Object.hasOwn(scripts, name)),
      [],
    );
    const files = commands.flatMap((command) => command.match(/\btest\/\S+\.test\.ts/g) ?? []);
    assert.ok(files.length > 0);
    assert.deepEqual(
      files.filter((file) => !existsSync(join(PROJECT, file))),
      [],
    );
  });

  it("has an engine of each generation that the labs run on", () => {
    const generations = new Set(FIT.map(({ id }) => id.replace(/-.*/, "")));
    const engines = jobs.engine?.strategy?.matrix.engine ?? [];
    assert.deepEqual(new Set(engines.map((engine) => engine.replace(/\..*/, ""))), generations);
  });
});
