import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../../toolchain/environment.ts";
import { type Environment, makeEnvironment, unchanged } from "../integration/environment.ts";
import { shownAsPrinted } from "../integration/lesson.ts";

describe("the lesson on the quorum of etcd, with every command in order", function () {
  this.timeout(600_000);
  let lab: Environment;
  before(async () => {
    lab = await makeEnvironment();
    // A command of the page changes a number in the file, so it has to be the page's.
    const page = readFileSync(join(PROJECT, "docs", "quorum.md"), "utf8");
    const [, settings] = /^```yaml\n# stacks\/Pulumi\.mine\.yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
    assert.ok(settings);
    writeFileSync(join(PROJECT, "stacks", `Pulumi.${lab.name}.yaml`), settings);
    await lab.stack.up();
  });
  after(() => lab.remove());

  it("docs/quorum.md shows what its commands print", () => shownAsPrinted("quorum", lab, ["docker-node3"]));

  it("a second preview shows no change afterwards", () => unchanged(lab));
});
