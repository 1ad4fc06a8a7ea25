import assert from "node:assert/strict";
import { buildLabs } from "../../stacks/buildLabs.ts";
import { parseConfig } from "../../stacks/config.ts";
import { Topology } from "../../stacks/topology.ts";
import { TOGETHER } from "../together.ts";
import { type Registered, recordResources, settled } from "./mocks.ts";

const IDENTITY = { project: "dockernet", stack: "basics" };

async function build(raw: Record<string, string>) {
  const seen = await recordResources(IDENTITY);
  const outputs = buildLabs(parseConfig(IDENTITY, raw, "debian"));
  await settled(seen);
  return { seen, ...outputs };
}

const everything = () => build({ labs: JSON.stringify(TOGETHER), namespaces: '{"host":"docker-node1"}' });

/** Values of a field, anywhere in the checks. */
const valuesOf = (checks: unknown, field: string): string[] => {
  const found = new Set<string>();
  JSON.stringify(checks, (key, value) => {
    if (key === field && typeof value === "string") found.add(value);
    return value;
  });
  return [...found];
};
const namesOf = ({ nodes }: Topology, kind: string) =>
  nodes.filter((each) => each.kind === kind).map(({ name }) => name);
/** Resources on this host's engine; engines of other hosts have their own providers. */
const made = (seen: readonly Registered[], kind: string) =>
  seen
    .filter(
      ({ type, provider }) =>
        type.startsWith("docker:") && type.endsWith(`:${kind}`) && !provider?.includes("::docker-node"),
    )
    .map(({ inputs }) => inputs.name);

describe("the topology", () => {
  it("matches its schema, and is the same every time", async () => {
    const [first, second] = [await everything(), await everything()];
    assert.deepEqual(Topology.parse(JSON.parse(JSON.stringify(first.topology))), first.topology);
    assert.deepEqual(first.topology, second.topology);
  });

  it("has every container, namespace and network that a check names", async () => {
    const { checks, topology } = await everything();
    for (const kind of ["container", "namespace", "network"]) {
      const known = namesOf(topology, kind);
      const named = valuesOf(checks, kind);
      assert.ok(named.length > 0);
      assert.deepEqual(
        named.filter((name) => !known.includes(name)),
        [],
        kind,
      );
    }
  });

  it("has every published port that a check expects, and no other", async () => {
    const { checks, topology } = await everything();
    const expected = checks.flatMap((check) =>
      check.kind === "published" ? check.expect.map((each) => [each, check.container]) : [],
    );
    const drawn = topology.links
      .filter(({ kind }) => kind === "publish")
      .map(({ from, to, facts }) => [`${from.replace("port:", "")}->${facts.port}`, to.replace("container:", "")]);
    assert.equal(drawn.length, 2);
    assert.deepEqual(drawn.sort(), expected.sort());
  });

  it("has the containers and networks that the program creates here, plus those that every engine has", async () => {
    const { seen, topology: all } = await everything();
    const topology = { ...all, nodes: all.nodes.filter((node) => node.in === "host:") };
    const linked = "dockernet-basics-test8"; // created by a script, because the provider has no links
    assert.deepEqual(namesOf(topology, "container").sort(), [...made(seen, "Container"), linked].sort());
    const engines = ["bridge", "none", "host"];
    const networks = [...new Set(namesOf(topology, "network"))].filter((name) => !engines.includes(name));
    assert.deepEqual(networks.sort(), made(seen, "Network").sort());
  });

  it("assigns each object of a lab to the lab, and shared ones to none", async () => {
    for (const lab of TOGETHER) {
      const { topology } = await build({ labs: JSON.stringify([lab]) });
      assert.deepEqual([...new Set(topology.nodes.flatMap((node) => node.lab ?? []))], [lab]);
    }
    const { topology } = await build({ labs: '["bridge","links"]' });
    assert.deepEqual(
      topology.nodes.filter(({ lab }) => lab === undefined).map(({ id }) => id),
      ["host:", "network:bridge", "network:host"],
    );
  });

  it("puts a practice node in its container, and a user's host nowhere", async () => {
    const { topology } = await everything();
    const node = topology.nodes.find(({ id }) => id === "host:docker-node1");
    assert.equal(node?.in, "container:dockernet-basics-docker-node1");
    assert.equal(topology.nodes.find(({ id }) => id === node?.in)?.in, "host:");
    const hosts = [{ name: "vm", address: "10.9.9.9", hostKey: "ssh-ed25519 AAAA", keyFile: "x", gone: true }];
    const own = await build({ labs: '["overlay"]', hosts: JSON.stringify(hosts) });
    assert.equal(own.topology.nodes.find(({ id }) => id === "host:vm")?.in, undefined);
  });

  it("refuses a duplicate id, and a link to an unknown node", () => {
    const node = { id: "host:", kind: "host", name: "this host", facts: {} };
    const lost = { kind: "veth", from: "host:", to: "container:x", facts: {} };
    assert.match(String(Topology.safeParse({ nodes: [node, node], links: [] }).error), /expected each id once/);
    assert.match(String(Topology.safeParse({ nodes: [node], links: [lost] }).error), /there is no node container:x/);
  });

  it("grows with the hosts: each pair of members and of bridges is linked once", async () => {
    const { topology } = await build({ labs: '["overlay"]', overlay: '{"nodes":4}' });
    for (const kind of ["peer", "vxlan"]) assert.equal(topology.links.filter((link) => link.kind === kind).length, 6);
  });
});
