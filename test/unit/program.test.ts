import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { Check } from "../../stacks/checks.ts";
import { parseConfig } from "../../stacks/config.ts";
import { buildLabs } from "../../stacks/labs.ts";
import { LAB_NAMES } from "../../stacks/schema.ts";
import { type Registered, recordResources, resolved, settled } from "./mocks.ts";

const PRACTICE = { project: "dockernet", stack: "practice" };
const BASICS = { project: "dockernet", stack: "basics" };
const TUTORIAL_PORTS = { ports: '{"port":80}', counter: '{"port":5000}' };

async function build(identity: typeof PRACTICE, raw: Record<string, string>, images: string) {
  const seen = await recordResources(identity);
  const outputs = buildLabs(parseConfig(identity, raw, images));
  await settled(seen);
  return { seen, outputs };
}

const namesOf = (seen: readonly Registered[]) =>
  seen.filter(({ type, inputs }) => type.startsWith("docker:") && inputs.labels).map(({ inputs }) => inputs.name);

describe("the program", () => {
  for (const origin of ["official", "debian"]) {
    it(`gives every container, network and volume its owner's labels, and no input an unresolved output (${origin})`, async () => {
      const { seen } = await build(PRACTICE, TUTORIAL_PORTS, origin);
      const kinds = /:(Container|Network|Volume)$/;
      for (const { type, inputs } of seen.filter((each) => kinds.test(each.type))) {
        const labels = Object.fromEntries(
          (inputs.labels ?? []).map((l: { label: string; value: string }) => [l.label, l.value]),
        );
        assert.equal(labels["dockernet.project"], "dockernet", type);
        assert.equal(labels["dockernet.stack"], "practice", type);
      }
      assert.equal(seen.filter((each) => kinds.test(each.type)).length, 19);
      assert.doesNotMatch(JSON.stringify(seen), /Calling \[toString\]/);
    });
  }

  it("takes official images by tag and digest, and builds in either case what only this project has", async () => {
    const { seen } = await build(PRACTICE, {}, "official");
    const images = seen.filter(({ type }) => type.endsWith(":RemoteImage"));
    const pulled = images.filter(({ inputs }) => !inputs.build);
    assert.deepEqual(
      images.filter(({ inputs }) => inputs.build).map(({ name }) => name),
      ["box", "web"],
    );
    assert.ok(pulled.every(({ inputs }) => /^[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$/.test(inputs.name)));
  });

  it("uses the tutorial's names in practice, and names that no other environment has elsewhere", async () => {
    const practice = namesOf((await build(PRACTICE, TUTORIAL_PORTS, "debian")).seen);
    const basics = namesOf((await build(BASICS, {}, "debian")).seen);
    assert.deepEqual([...practice].sort(), [
      ...["bridge-net", "counter-net", "flask-redis", "links-net", "outside", "peer5", "peer6", "peer7", "peer8"],
      ...["ports-net", "redis", "redis-hits", "test10", "test11", "test5", "test6", "test7", "web", "web-unpublished"],
    ]);
    assert.deepEqual(
      basics,
      practice.map((name) => `dockernet-basics-${name}`),
    );
  });

  it("builds only the labs that the settings name", async () => {
    const { seen, outputs } = await build(BASICS, { labs: '["ports"]' }, "debian");
    assert.deepEqual(Object.keys(outputs.urls), ["web"]);
    assert.ok(seen.every(({ name }) => !name.includes("redis")));
  });

  it("states checks that fit their schema, have an id of their own, and cover every row of the tutorial in its order", async () => {
    const labs = JSON.stringify([...LAB_NAMES].reverse());
    const { outputs } = await build(PRACTICE, { ...TUTORIAL_PORTS, labs }, "debian");
    for (const check of outputs.checks) assert.deepEqual(Check.parse(JSON.parse(JSON.stringify(check))), check);
    assert.equal(new Set(outputs.checks.map(({ id }) => id)).size, outputs.checks.length);
    const tutorial = readFileSync(new URL("../../docs/tutorial.md", import.meta.url), "utf8");
    const rows = [...tutorial.matchAll(/^\| (\d+\.\d+) \|/gm)].map(([, row]) => row);
    assert.ok(rows.length > 20);
    assert.deepEqual([...new Set(outputs.checks.map(({ row }) => row))], rows);
  });

  it("builds two namespaces and their cable, with names of their own in either environment, and proves row 3", async () => {
    const labs = { labs: '["namespaces"]' };
    const { seen, outputs } = await build(BASICS, labs, "debian");
    assert.deepEqual(
      seen.filter(({ type }) => type.startsWith("command:")).map(({ type, name }) => [type, name]),
      ["addresses", "test1", "test2", "veth-test"].map((name) => ["command:local:Command", name]),
    );
    assert.match(JSON.stringify(seen), /A_NAMESPACE='dockernet-basics-test1'/);
    assert.match(JSON.stringify((await build(PRACTICE, labs, "debian")).seen), /A_NAMESPACE='test1'/);
    for (const check of outputs.checks) assert.deepEqual(Check.parse(JSON.parse(JSON.stringify(check))), check);
    assert.deepEqual(
      outputs.checks.map(({ row }) => row),
      ["3.2", "3.2", "3.3", "3.3", "3.4", "3.4", "3.5", "3.5"],
    );
  });

  it("exports the same outputs as it builds", async () => {
    const { default: program } = await import("../../index.ts");
    await recordResources(BASICS);
    const { urls, checks, hosts } = program();
    assert.deepEqual(hosts, {});
    assert.deepEqual(Object.keys(urls), ["web", "counter"]);
    assert.ok(
      checks.length > 0 && (await resolved((await import("@pulumi/pulumi")).output(checks))).length === checks.length,
    );
  });

  it("has a component class a file, named as the file, with its own type token", async () => {
    const folder = new URL("../../components/", import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const classes = files.filter((file) => /^[A-Z]\w+\.ts$/.test(basename(file)));
    assert.equal(classes.length, 20);
    for (const file of classes) {
      const name = basename(file, ".ts");
      const module = await import(new URL(file, folder).href);
      assert.equal(typeof module[name], "function", file);
      assert.match(
        String(module[name]),
        new RegExp(`super\\("dockernet:index:${name}", name, (args|\\{\\}), opts\\)`),
        file,
      );
    }
  });
});
