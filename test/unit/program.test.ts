import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { output } from "@pulumi/pulumi";
import { imagesOf } from "../../lab/commands/doctor/needs.ts";
import { buildLabs } from "../../stacks/buildLabs.ts";
import { Check } from "../../stacks/checks.ts";
import { parseConfig } from "../../stacks/config.ts";
import { LAB_NAMES } from "../../stacks/labs/index.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { TOGETHER } from "../together.ts";
import { type Registered, recordRequests, recordResources, resolved, settled } from "./mocks.ts";

const PRACTICE = { project: "dockernet", stack: "practice" };
const BASICS = { project: "dockernet", stack: "basics" };
const SWARM = { project: "dockernet", stack: "swarm" };
const ALL_LABS = { labs: JSON.stringify(TOGETHER) };
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
      const kinds = /^docker:.*:(Container|Network|Volume)$/;
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

  it("uses official images by tag and digest, and always builds the project's own", async () => {
    const { seen } = await build(PRACTICE, {}, "official");
    const images = seen.filter(({ type }) => type.endsWith(":RemoteImage"));
    const pulled = images.filter(({ inputs }) => !inputs.build);
    assert.deepEqual(
      images.filter(({ inputs }) => inputs.build).map(({ name }) => name),
      ["box", "web"],
    );
    assert.ok(pulled.every(({ inputs }) => /^[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$/.test(inputs.name)));
  });

  for (const lab of LAB_NAMES) {
    it(`creates for the lab ${lab} the images that the doctor lists`, async () => {
      const raw = { labs: JSON.stringify([lab]) };
      const { seen } = await build(BASICS, raw, "debian");
      assert.deepEqual(
        seen
          .filter(({ type }) => type.endsWith(":RemoteImage"))
          .map(({ name }) => name)
          .sort(),
        imagesOf(parseConfig(BASICS, raw, "debian"), lab).toSorted(),
      );
    });
  }

  it("uses the tutorial's names in practice, and unique names elsewhere", async () => {
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

  it("builds only the labs that the settings list", async () => {
    const { seen, outputs } = await build(BASICS, { labs: '["ports"]' }, "debian");
    assert.deepEqual(Object.keys(outputs.urls), ["web"]);
    assert.ok(seen.every(({ name }) => !name.includes("redis")));
  });

  it("declares checks that match their schema, have unique ids, and cover every row of docs/tutorial.md in order", async () => {
    const labs = JSON.stringify(TOGETHER.toReversed());
    const { outputs } = await build(PRACTICE, { ...TUTORIAL_PORTS, labs }, "debian");
    const swarm = (await build(SWARM, { labs: '["swarm"]' }, "debian")).outputs;
    for (const { checks } of [outputs, swarm]) {
      for (const check of checks) assert.deepEqual(Check.parse(JSON.parse(JSON.stringify(check))), check);
      assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length);
    }
    const tutorial = readFileSync(new URL("../../docs/tutorial.md", import.meta.url), "utf8");
    const rows = [...tutorial.matchAll(/^\| (\d+\.\d+) \|/gm)].map(([, row]) => row);
    assert.ok(rows.length > 20);
    assert.deepEqual([...new Set([...outputs.checks, ...swarm.checks].map(({ row }) => row))], rows);
    const shared = swarm.checks.filter(({ row }) => !row.startsWith("11."));
    assert.deepEqual([...new Set(shared.map(({ row }) => row))], ["1.1", "9.5", "9.8"]);
    for (const { lab: _, ...check } of shared) {
      const twin = outputs.checks.find(({ id }) => id === check.id);
      assert.deepEqual({ ...twin, lab: "swarm" }, { ...check, lab: "swarm" });
    }
  });

  it("builds two namespaces and their veth pair, with separate names in either environment, and covers row 3", async () => {
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

  it("puts the containers of the lab macvlan on the parent that the lab creates, after it, with addresses of the upper half", async () => {
    const { seen, outputs } = await build(
      BASICS,
      { labs: '["macvlan"]', macvlan: '{"subnet":"10.1.2.0/24"}' },
      "debian",
    );
    const inputsOf = (type: string, name: string) =>
      seen.find((each) => each.type === `docker:index/${type}` && each.name === name)?.inputs;
    const network = inputsOf("network:Network", "macvlan");
    assert.match(network?.options.parent, /^veth-lan-[0-9a-f]{6}$/);
    assert.deepEqual(inputsOf("container:Container", "lan")?.command.slice(0, 4), [
      ...["outside.sh", network?.options.parent, "10.1.2.1/24", "10.1.2.2/24"],
    ]);
    assert.deepEqual(network?.ipamConfigs, [{ subnet: "10.1.2.0/24", gateway: "10.1.2.2", ipRange: "10.1.2.128/25" }]);
    const advanced = ["mac1", "mac2"].map((base) => inputsOf("container:Container", base)?.networksAdvanced[0]);
    assert.deepEqual(
      advanced.map(({ name, aliases, ipv4Address }) => [name, aliases, ipv4Address]),
      [
        ["dockernet-basics-macvlan-net", ["mac1"], "10.1.2.129"],
        ["dockernet-basics-macvlan-net", ["mac2"], "10.1.2.130"],
      ],
    );
    assert.match(
      String(seen.find(({ type, name }) => type === "command:local:Command" && name === "addresses")?.inputs.stdin),
      /^INTERFACES='veth-out-[0-9a-f]{6} veth-lan-[0-9a-f]{6}'$/m,
    );
    assert.equal(outputs.checks.length, 20);
  });

  it("creates resources on an engine after its identity, and needs none for namespaces of this host", async () => {
    const stdin = (seen: readonly Registered[]) => seen.find(({ name, inputs }) => name === "engine" && inputs.stdin);
    const elsewhere = await recordResources(BASICS);
    buildLabs(parseConfig(BASICS, {}, "debian", "tcp://10.1.2.3:2375"));
    await settled(elsewhere);
    assert.match(
      String(stdin(elsewhere)?.inputs.stdin),
      /^ADDRESS='tcp:\/\/10\.1\.2\.3:2375'\nOWNER='dockernet\/basics'$/m,
    );
    assert.equal(stdin(elsewhere)?.inputs.addPreviousOutputInEnv, true);
    const none = await build(BASICS, { labs: '["namespaces"]' }, "debian");
    assert.equal(stdin(none.seen), undefined);
  });

  it("does not contain the checkout's path, so that another clone shows no change", async () => {
    const { seen, outputs } = await build(PRACTICE, ALL_LABS, "debian");
    const hosts = await Promise.all(Object.values(outputs.hosts).map((host) => resolved(output(host))));
    assert.equal(hosts.length, 2);
    const text = JSON.stringify([seen.map(({ inputs }) => inputs), hosts]);
    assert.equal(text.includes(PROJECT), false, text.slice(text.indexOf(PROJECT) - 100).slice(0, 300));
  });

  it("replaces a container for changes that no engine makes in place, and resources on a node's engine with its volume", async () => {
    const seen = await recordResources(PRACTICE);
    const requests = recordRequests();
    buildLabs(parseConfig(PRACTICE, ALL_LABS, "debian"));
    await settled(seen);
    const containers = requests.filter((request) => request.getType() === "docker:index/container:Container");
    assert.ok(containers.length > 15);
    for (const request of containers) {
      assert.deepEqual(request.getReplaceonchangesList(), ["healthcheck", "init", "tmpfs"], request.getName());
    }
    const withVolume = containers.filter((request) =>
      /Volume::docker-node[12]$/.test(request.getReplaceWithList().join()),
    );
    assert.deepEqual(withVolume.map((request) => request.getName()).sort(), ["outsider", "test12", "test13"]);
  });

  it("creates each lab below one component of its name, and shared resources beside the labs", async () => {
    const seen = await recordResources(PRACTICE);
    const requests = recordRequests();
    buildLabs(parseConfig(PRACTICE, ALL_LABS, "debian"));
    await settled(seen);
    const top = requests
      .filter((request) => request.getParent() === "")
      .map((each) => [each.getType(), each.getName()]);
    const named = (type: string) => top.filter((each) => each[0] === `dockernet:index:${type}`).map(([, name]) => name);
    assert.deepEqual(named("Lab").sort(), [...TOGETHER].sort());
    assert.deepEqual(["AddressReservation", "EngineIdentity", "PracticeNodes"].flatMap(named), [
      ...["addresses", "engine", "practice-nodes"],
    ]);
    assert.equal(top.length, TOGETHER.length + 3 + named("ServiceImage").length);
  });

  it("makes practice nodes as virtual machines by one setting, each with the LAN's address that a container has", async () => {
    const vms = { labs: '["overlay"]', overlay: '{"practiceNodes":"vm","subnet":"10.9.0.0/24"}' };
    const { seen, outputs } = await build(BASICS, vms, "debian");
    const types = seen.map(({ type }) => type);
    assert.equal(types.filter((type) => type === "dockernet:index:PracticeVm").length, 2);
    assert.equal(types.filter((type) => type === "dockernet:index:VmDisk").length, 1);
    assert.equal(types.includes("dockernet:index:PracticeNode"), false);
    const images = seen.filter(({ type }) => type.endsWith(":RemoteImage")).map(({ name }) => name);
    assert.deepEqual(images.sort(), imagesOf(parseConfig(BASICS, vms, "debian"), "overlay").toSorted());
    const hosts = await resolved(output(outputs.hosts));
    assert.deepEqual(
      Object.values(hosts).map(({ address, slowness }) => [address, slowness]),
      [
        ["10.9.0.141", 6],
        ["10.9.0.142", 6],
      ],
    );
  });

  it("has each container of a network depend on the previous one", async () => {
    const seen = await recordResources(PRACTICE);
    const requests = recordRequests();
    buildLabs(parseConfig(PRACTICE, ALL_LABS, "debian"));
    await settled(seen);
    const pairs = requests
      .filter((request) => request.getType() === "docker:index/container:Container")
      .flatMap((request) =>
        request
          .getDependenciesList()
          .filter((urn) => urn.includes("docker:index/container:Container::"))
          .map((urn) => [urn.split("::").at(-1), request.getName()]),
      );
    for (const pair of [
      ["web-unpublished", "web"],
      ["hit-counter-redis", "hit-counter"],
      ["peer5", "peer6"],
      ["peer7", "peer8"],
      ["docker-node1", "docker-node2"],
    ]) {
      assert.ok(
        pairs.some((each) => each.join() === pair.join()),
        pair.join(),
      );
    }
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

  it("has one component class per file, with the file's name and its own type token", async () => {
    const folder = new URL("../../components/", import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    // A script on a host is one resource, a command of the provider's.
    const classes = files.filter((file) => /^[A-Z]\w+\.ts$/.test(basename(file)) && basename(file) !== "HostScript.ts");
    assert.equal(classes.length, 25);
    for (const file of classes) {
      const name = basename(file, ".ts");
      const module = await import(new URL(file, folder).href);
      assert.equal(typeof module[name], "function", file);
      assert.match(
        String(module[name]),
        new RegExp(`super\\("dockernet:index:${name}", name, \\{\\}, componentOptions\\(opts\\)\\)`),
        file,
      );
    }
  });
});
