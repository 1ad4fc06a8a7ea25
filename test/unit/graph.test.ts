import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { withMarks } from "../../lab/commands/graph/checkMarks.ts";
import { destination } from "../../lab/commands/graph/command.ts";
import { drawDot } from "../../lab/commands/graph/dot.ts";
import { drawMermaid } from "../../lab/commands/graph/mermaid.ts";
import { Model, offlineModel, ofLabs } from "../../lab/commands/graph/model.ts";
import { drawPage } from "../../lab/commands/graph/page.ts";
import { drawSvg } from "../../lab/commands/graph/svg.ts";
import { buildLabs } from "../../stacks/buildLabs.ts";
import type { Check } from "../../stacks/checks.ts";
import { parseConfig } from "../../stacks/config.ts";
import { withPreset } from "../../stacks/presets.ts";
import type { Topology } from "../../stacks/topology.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { TOGETHER } from "../together.ts";
import { recordResources, settled } from "./mocks.ts";

const IDENTITY = { project: "dockernet", stack: "basics" };
const HOSTILE = `"><script>alert('x')</script>]}\\N\\" | --> end & %% ; \`#quot;\``;

let everything: Topology;
let checks: readonly Check[];

/** An environment with hostile texts only. */
const hostile = (): Model => {
  const topology: Topology = {
    nodes: [
      { id: "host:", kind: "host", name: HOSTILE, facts: { address: HOSTILE } },
      { id: `container:${HOSTILE}`, kind: "container", name: HOSTILE, in: "host:", facts: { image: HOSTILE } },
      { id: "network:n", kind: "network", name: HOSTILE, in: "host:", facts: { driver: HOSTILE, subnet: HOSTILE } },
    ],
    links: [
      { kind: "veth", from: `container:${HOSTILE}`, to: "network:n", facts: { toInterface: HOSTILE } },
      { kind: "link", from: `container:${HOSTILE}`, to: `container:${HOSTILE}`, facts: { alias: HOSTILE } },
    ],
  };
  return offlineModel(HOSTILE, topology);
};

/** Text of every element of a kind, and ids of all elements. */
function readXml(svg: string) {
  assert.equal(XMLValidator.validate(svg), true);
  const ids: string[] = [];
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (key === "@id") ids.push(String(each));
      if (key === "#text") texts.push(String(each));
      walk(each);
    }
  };
  walk(
    new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: "@",
      alwaysCreateTextNode: true,
      htmlEntities: true,
    }).parse(svg),
  );
  return { ids, texts };
}

describe("lab graph", () => {
  before(async () => {
    const seen = await recordResources(IDENTITY);
    const labs = JSON.stringify(TOGETHER);
    const outputs = buildLabs(parseConfig(IDENTITY, { labs, namespaces: '{"host":"docker-node1"}' }, "debian"));
    await settled(seen);
    ({ topology: everything, checks } = outputs);
  });

  it("draws the same bytes for the same topology, in every format", async () => {
    const model = () => offlineModel("basics", everything);
    assert.deepEqual(Model.parse(JSON.parse(JSON.stringify(model()))), model());
    assert.equal(drawDot(model()), drawDot(model()));
    assert.equal(drawMermaid(model()), drawMermaid(model()));
    assert.equal(await drawSvg(model()), await drawSvg(model()));
  });

  it("draws every node and every link as an element with its id", async () => {
    const model = offlineModel("basics", everything);
    const { ids } = readXml(await drawSvg(model));
    const drawn = [...model.nodes, ...model.links].map(({ id }) => id);
    assert.ok(drawn.length > 60);
    assert.deepEqual(
      drawn.filter((id) => !ids.includes(id)),
      [],
    );
    assert.equal(new Set(ids).size, ids.length);
    const mermaid = drawMermaid(model).split("\n");
    assert.equal(mermaid.filter((line) => /^ *n\d+[([].*"[)\]/]+$/.test(line)).length, everything.nodes.length - 3);
    assert.equal(mermaid.filter((line) => line.includes("subgraph")).length, 3);
    assert.equal(mermaid.filter((line) => line.trim() === "end").length, 3);
  });

  it("draws the environment practice as shown in docs/architecture.md", async () => {
    const identity = { project: "dockernet", stack: "practice" };
    const seen = await recordResources(identity);
    const { topology } = buildLabs(parseConfig(identity, withPreset("practice", {}), "debian"));
    await settled(seen);
    const shown = readFileSync(join(PROJECT, "docs/practice.svg"), "utf8");
    const again = "npx lab graph practice --output docs/practice.svg draws it anew";
    assert.ok((await drawSvg(offlineModel("practice", topology))) === shown, again);
  });

  it("names the picture and its elements for screen readers", async () => {
    const svg = await drawSvg(offlineModel("basics", everything));
    assert.match(svg, /^<svg class="topology" role="img" aria-labelledby="topology-title topology-summary"/);
    assert.match(svg, /<title id="topology-title">Topology of basics<\/title>/);
    assert.match(svg, /<title>container dockernet-basics-test5, image box, eth0<\/title>/);
    assert.match(svg, /<title>vxlan from demo to demo, fromAddress [\d.]+, port 4789\/udp, toAddress [\d.]+<\/title>/);
  });

  it("is a page with all its code in one script that its content security policy allows", async () => {
    const page = await drawPage(hostile());
    const [, script = ""] = /<script>(.*?)<\/script>/s.exec(page) ?? [];
    assert.doesNotThrow(() => new Script(script));
    const digest = createHash("sha256").update(script).digest("base64");
    assert.ok(page.includes(`script-src 'sha256-${digest}'`));
  });

  it("shows hostile names as text", async () => {
    const model = hostile();
    const svg = await drawSvg(model);
    assert.doesNotMatch(svg, /<script/);
    const { ids, texts } = readXml(svg);
    assert.ok(ids.includes("network:n"));
    assert.ok(texts.some((text) => text.includes(HOSTILE)));
    const mermaid = drawMermaid(model);
    assert.doesNotMatch(mermaid, /<script|`|%%/);
    for (const line of mermaid.split("\n")) assert.match(line, /^[^"]*("[^"]*"[^"]*)?$/);
    assert.equal(JSON.stringify(JSON.parse(JSON.stringify(model))), JSON.stringify(model));
  });

  it("marks failed, stopped and missing objects, in every format", async () => {
    const model = offlineModel("basics", everything);
    const nodes = model.nodes.map((node, index) => ({
      ...node,
      state: (["up", "down", "missing", "unexpected"] as const)[index % 4] ?? "up",
      failed: index % 4 === 0 ? ["4.2-reach"] : [],
    }));
    const links = model.links.map((link, index) => (index === 0 ? { ...link, failed: ["4.2-reach"] } : link));
    const marked = { ...model, nodes, links };
    const svg = await drawSvg(marked);
    for (const state of ["up failed", "down", "missing", "unexpected"]) {
      assert.match(svg, new RegExp(`class="(node|cluster) [a-z]+ ${state}"`));
    }
    assert.match(svg, /class="edge veth unknown failed"/);
    assert.match(svg, /failed: 4\.2-reach/);
    assert.match(drawMermaid(marked), /linkStyle 0 stroke:#cf222e/);
    assert.match(drawMermaid(marked), /class n\d+(,n\d+)* missing/);
  });

  it("draws for a lab its objects and what they are on", () => {
    const { nodes, links } = ofLabs(offlineModel("basics", everything), ["links"]);
    assert.deepEqual(nodes.map(({ id }) => id.replace("dockernet-basics-", "")).sort(), [
      "container:peer7",
      "container:peer8",
      "container:test7",
      "container:test8",
      "host:",
      "network:bridge",
      "network:links-net",
    ]);
    assert.equal(links.length, 5);
    const inside = ofLabs(offlineModel("basics", everything), ["namespaces"]);
    assert.deepEqual(inside.nodes.map(({ kind }) => kind).sort(), [
      "container",
      "host",
      "host",
      "namespace",
      "namespace",
    ]);
  });

  it("knows the objects of every check, and the route of a ping", () => {
    const results = checks.map((check) => ({ check, passed: false, actual: "", ms: 0 }));
    const marked = withMarks("basics", everything, results);
    assert.deepEqual(
      marked.filter(({ nodes }) => nodes.length === 0).map(({ id }) => id),
      [],
    );
    const linksOf = (id: string) =>
      marked.find((each) => each.id === id)?.links.map((link) => link.replaceAll("dockernet-basics-", ""));
    assert.deepEqual(linksOf("4.2-reach"), [
      "veth:container:test5->network:bridge",
      "veth:container:test6->network:bridge",
    ]);
    assert.deepEqual(linksOf("4.2-apart"), []);
    assert.ok(linksOf("9.8-full-test12")?.includes("vxlan:network:demo@docker-node1->network:demo@docker-node2"));
    assert.deepEqual(linksOf("9.4-store-docker-node1"), ["store:host:docker-node1->member:docker-node1@docker-node1"]);
    assert.match(linksOf("6.2-http")?.join() ?? "", /^publish:port:127\.0\.0\.1:\d+->container:web$/);
  });

  it("writes the format of the file's extension, and requires a known one", () => {
    const chosen = (options: Parameters<typeof destination>[1], terminal = false) => {
      const { file, name } = destination("basics", options, terminal);
      return [name, file];
    };
    assert.deepEqual(chosen({}), ["svg", "-"]);
    assert.deepEqual(chosen({}, true), ["svg", "basics.svg"]);
    assert.deepEqual(chosen({ format: "json" }, true), ["json", "-"]);
    assert.deepEqual(chosen({ output: "x/y.mmd" }), ["mermaid", "x/y.mmd"]);
    assert.deepEqual(chosen({ output: "y.txt", format: "dot" }), ["dot", "y.txt"]);
    assert.deepEqual(chosen({ output: "-" }, true), ["svg", "-"]);
    assert.throws(() => chosen({ output: "y.png" }), /y\.png: expected a name that ends in \.svg, .*or --format/);
  });
});
