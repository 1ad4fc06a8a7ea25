import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { run } from "../../toolchain/run.ts";
import { type Environment, failures, makeEnvironment, unchanged } from "./environment.ts";

describe("a link", function () {
  this.timeout(180_000);
  const shim = mkdtempSync(join(tmpdir(), "dockernet-shim-"));
  let lab: Environment;
  before(async () => {
    lab = await makeEnvironment({ labs: ["links"] });
  });
  after(async () => {
    await lab.remove();
    rmSync(shim, { recursive: true });
  });
  const name = (base: string) => `dockernet-${lab.name}-${base}`;
  const id = (base: string) => run("docker", ["inspect", "--format", "{{.Id}}", name(base)]);

  /** Runs an `up` whose docker command first runs `script`; returns its error. */
  const refusal = async (script: string): Promise<string> => {
    const path = process.env.PATH;
    writeFileSync(join(shim, "docker"), `#!/bin/sh\n${script}\nexec /usr/bin/docker "$@"\n`, { mode: 0o755 });
    process.env.PATH = [shim, path].join(delimiter);
    try {
      return await lab.stack.up().then(
        () => "",
        (error: Error) => error.message,
      );
    } finally {
      process.env.PATH = path;
    }
  };

  it("is refused with the reason on an engine without links", async () => {
    const said = await refusal('[ "$1" = version ] && echo 30.0.1 && exit');
    assert.match(
      said,
      new RegExp(`container ${name("test8")}: Docker engine 30.0.1 has no links on the default bridge`),
    );
    await assert.rejects(id("test8"));
  });

  it("does not touch a container with another owner and the same name", async () => {
    const image = await run("docker", ["inspect", "--format", "{{.Image}}", name("test7")]);
    await run("docker", ["create", "--name", name("test8"), image]);
    const foreign = await id("test8");
    await assert.rejects(
      lab.stack.up(),
      /exists already and does not belong to this environment; it was left unchanged/,
    );
    assert.equal(await id("test8"), foreign);
    await run("docker", ["rm", name("test8")]);
  });

  it("is refused if an engine with an unreadable version omits it, and created if it does not", async () => {
    const version = '[ "$1" = version ] && echo library-import && exit';
    const without = 'if [ "$1" = run ]; then shift 8; exec /usr/bin/docker run --detach --name "$NAME" "$@"; fi';
    const said = await refusal(`${version}\n${without.replace("$NAME", name("test8"))}`);
    assert.match(said, new RegExp(`container ${name("test8")}: Docker engine library-import made it without its link`));
    await assert.rejects(id("test8"));
    assert.equal(await refusal(version), "");
    await id("test8");
  });

  it("is created, stays in a second up, and is recreated when the other container is", async () => {
    await lab.stack.up();
    const first = await id("test8");
    for (const options of [{}, { refresh: true }]) await unchanged(lab, options);
    await lab.stack.up();
    assert.equal(await id("test8"), first);
    await run("docker", ["rm", "--force", name("test7")]);
    await lab.stack.up({ refresh: true });
    assert.notEqual(await id("test8"), first);
    assert.deepEqual(failures(await lab.verify()), []);
  });
});
