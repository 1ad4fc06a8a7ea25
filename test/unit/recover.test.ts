import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { inTheWay, interfacesInTheWay, rulesInTheWay } from "../../lab/commands/recover/foreign.ts";
import { age, refuseLive } from "../../lab/commands/recover/locks.ts";
import { memberScript } from "../../lab/commands/recover/members.ts";
import { ownedBy } from "../../lab/commands/recover/owned.ts";
import { isRemade, remade } from "../../lab/commands/recover/rebuild.ts";
import { parseInterfaces } from "../../lab/host/interfaces.ts";
import { orphans, type Process } from "../../lab/host/processes.ts";
import { goodCopies, restore } from "../../lab/state/copies.ts";
import { copyFor } from "../../lab/state/lost.ts";
import type { Resource } from "../../lab/state/stackExport.ts";
import { keepCopies } from "../../toolchain/copies.ts";
import { backendFolder, countResources, stacksFolder } from "../../toolchain/fileBackend.ts";
import { firewall } from "../firewall.ts";

const checkpoint = (...ids: string[]) =>
  JSON.stringify({ version: 3, checkpoint: { latest: { resources: ids.map((id) => ({ id })) } } });

describe("orphaned processes of a dead run are", () => {
  const owner = { checkout: "/checkout", backendUrl: "file:///backend" };
  const some = (pid: number, parent: number, program: string, more: Partial<Process> = {}): Process => ({
    ...{ pid, parent, program, session: 50, started: 0, command: [program], cwd: "/checkout" },
    environment: { PULUMI_BACKEND_URL: "file:///backend" },
    ...more,
  });
  const init = some(1, 0, "init", { session: 0 });
  const found = (...all: Process[]) => orphans([init, ...all], owner).map(({ pid }) => pid);

  it("helpers without a parent, and their children", () => {
    const host = some(10, 1, "pulumi-language-nodejs");
    const children = [some(11, 10, "node", { cwd: "/" }), some(12, 11, "sh", { environment: {} })];
    assert.deepEqual(found(host, ...children, some(20, 1, "pulumi-resource-docker")), [10, 11, 12, 20]);
  });
  it("helpers that were adopted by a session manager", () => {
    const manager = some(2, 1, "systemd", { session: 2 });
    assert.deepEqual(found(manager, some(20, 2, "pulumi-resource-docker")), [20]);
  });
  for (const [what, ...all] of [
    ["the helper of a live run", some(5, 1, "pulumi"), some(20, 5, "pulumi-resource-docker")],
    ["another checkout's", some(20, 1, "pulumi-resource-docker", { cwd: "/checkout2" })],
    ["another backend's", some(20, 1, "pulumi-resource-docker", { environment: {} })],
    ["a program that is not a helper", some(20, 1, "node")],
    [
      "another user's, whose folder is not readable",
      some(20, 1, "pulumi-resource-docker", { cwd: "", environment: {} }),
    ],
  ] as const) {
    it(`not: ${what}`, () => assert.deepEqual(found(...all), []));
  }

  it("a lock's owner is a Pulumi process that started before it", () => {
    const since = new Date(100_000);
    const lock = { file: "/lock", since, owner: { pid: 7, user: "me", host: hostname() } };
    const live = (more: Partial<Process>) => () =>
      refuseLive("mine", [lock], [some(7, 1, "pulumi", { started: 90_000, ...more })], "file:///backend");
    assert.throws(live({}), /environment mine is being worked on by process 7 \(pulumi\)/);
    assert.doesNotThrow(live({ started: 200_000 }));
    assert.doesNotThrow(live({ program: "vim" }));
  });
  it("an unreadable lock is refused while a run uses the backend", () => {
    const broken = [{ file: "/lock", since: new Date() }];
    assert.throws(
      () => refuseLive("mine", broken, [some(7, 1, "pulumi")], "file:///backend"),
      /worked on by process 7/,
    );
    assert.doesNotThrow(() => refuseLive("mine", broken, [some(7, 1, "pulumi")], "file:///other"));
  });
  it("ages are human-readable", () => {
    const words = [5, 119, 600, 86_400].map((seconds) => age(new Date(0), seconds * 1000));
    assert.deepEqual(words, ["5 s", "119 s", "10 min", "24 h"]);
  });
});

describe("copies of states", () => {
  let root: string;
  let backend: string;
  let state: string;
  const url = () => `file://${backend}`;
  const copies = () => join(root, ".dockernet", "copies", "mine");
  const write = (content: string, seconds: number) => {
    writeFileSync(state, content);
    utimesSync(state, seconds, seconds);
    keepCopies(url());
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "dockernet-copies-"));
    backend = join(root, ".dockernet", "state");
    mkdirSync(stacksFolder(backend), { recursive: true });
    state = join(stacksFolder(backend), "mine.json");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("keep each good content once, the newest 20, readable only for the owner", () => {
    for (let index = 1; index <= 25; index += 1) write(checkpoint("a", String(index)), index);
    write(checkpoint("a", "25"), 26);
    write("{", 27);
    const kept = readdirSync(copies());
    assert.equal(kept.length, 20);
    assert.equal(kept.at(-1), "1970-01-01T00:00:25.000Z.json");
    assert.equal(statSync(copies()).mode & 0o777, 0o700);
    assert.equal(statSync(join(copies(), kept[0] ?? "")).mode & 0o777, 0o600);
  });
  it("the newest good one with resources replaces a damaged state, which is kept", () => {
    write(checkpoint("old"), 1);
    write(checkpoint("new", "newer"), 2);
    write(checkpoint(), 3);
    write("", 4);
    const copy = copyFor({ kind: "missing" }, goodCopies(backend, "mine"), []) ?? assert.fail("there is no copy");
    assert.equal(copy.resources, 2);
    assert.equal(copy.time.getTime(), 2000);
    restore(backend, "mine", copy);
    assert.equal(readFileSync(state, "utf8"), checkpoint("new", "newer"));
    assert.equal(readdirSync(stacksFolder(backend)).filter((name) => name.startsWith("mine.json.damaged-")).length, 1);
  });
  it("an empty one from before the first run with resources is used if that run has damaged the state", () => {
    const damaged = { kind: "damaged", reason: "it is empty" } as const;
    write(checkpoint("before the destroy"), 1);
    write(checkpoint(), 2);
    const copies = goodCopies(backend, "mine");
    assert.equal(copyFor(damaged, copies, ["made by that run"])?.resources, 0);
    assert.equal(copyFor(damaged, copies, ["made by that run", "before the destroy"])?.resources, 1);
    assert.equal(copyFor({ kind: "missing" }, copies, ["somebody else's"])?.resources, 1);
  });
  it("are not kept in another backend, and a folder that is not writable is no error", () => {
    keepCopies("s3://bucket");
    writeFileSync(state, checkpoint("a"));
    writeFileSync(join(root, ".dockernet", "copies"), "in the way");
    assert.doesNotThrow(() => keepCopies(url()));
  });
  for (const [text, problem] of [
    ["", "it is empty"],
    ['{"version": 3, "check', "it is truncated after 21 characters"],
    ["no", "it is not JSON"],
    ["[]", "it is not a Pulumi state: it has no version or no checkpoint"],
    ['{"version":3,"checkpoint":{"latest":{"resources":1}}}', "it is not a Pulumi state: it has no list"],
  ] as const) {
    it(`${problem}`, () => assert.throws(() => countResources(text), new RegExp(`^Error: ${problem}`)));
  }
  it("a stack without an up is good", () => {
    assert.equal(countResources('{"version":3,"checkpoint":{"stack":"mine"}}'), 0);
  });
  it("use the folder of a file backend", () => {
    assert.equal(backendFolder("file:///var/states?no_tmp_dir=true"), "/var/states");
    assert.equal(backendFolder("https://api.pulumi.com"), undefined);
  });
});

describe("objects of other owners", () => {
  const rules = (table: string, ...lines: string[]) =>
    firewall(
      `*${table}`,
      `:${table === "nat" ? "POSTROUTING" : "FORWARD"} ACCEPT [0:0]`,
      ":DOCKER-USER - [0:0]",
      ...lines,
    );
  const engines = [
    "-A POSTROUTING -s 10.1.0.0/24 ! -o br-1 -j MASQUERADE",
    "-A POSTROUTING -s 10.1.0.2/32 -d 10.1.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE",
    "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE",
  ];

  it("rules: not the engine's, and not those for other addresses", () => {
    assert.deepEqual(rulesInTheWay(rules("nat", ...engines), ["10.1.0.0/24"], ["br-1"]), []);
    const foreign = "-A POSTROUTING -s 10.1.0.9/32 -p tcp -j RETURN";
    const [found] = rulesInTheWay(rules("nat", foreign, ...engines), ["10.1.0.0/24"], ["br-1"]);
    assert.equal(found?.fix, "iptables -t nat -D POSTROUTING -s 10.1.0.9/32 -p tcp -j RETURN");
    assert.deepEqual(rulesInTheWay(rules("nat", foreign), ["10.2.0.0/24", "10.1.0.8"], []), []);
  });
  it("rules: in DOCKER-USER also those for every address", () => {
    const chain = ["-A FORWARD -j DOCKER-USER", "-A DOCKER-USER -p icmp -j ACCEPT", "-A DOCKER-USER -j RETURN"];
    const fixes = rulesInTheWay(rules("filter", ...chain), ["10.1.0.0/24"], ["br-1"]).map(({ fix }) => fix);
    assert.deepEqual(fixes, ["iptables -t filter -D DOCKER-USER -p icmp -j ACCEPT"]);
  });
  it("a container with the environment's name but without its labels; with labels it is its own", () => {
    const topology = {
      nodes: [{ id: "container:web", kind: "container" as const, name: "web", lab: "ports", facts: {} }],
      links: [],
    };
    const named = (labels: Record<string, string>) => {
      const state = { running: true, paused: false, pid: 1, namespaceFile: "" };
      const container = { id: "1", name: "web", ...state, health: "-", addresses: {}, published: [], labels };
      return inTheWay("mine", { topology }, new Map([["web", container]]), new Map()).map(({ fix }) => fix);
    };
    assert.deepEqual(named({}), ["docker rm --force web"]);
    assert.deepEqual(named({ "dockernet.project": "dockernet", "dockernet.stack": "mine" }), []);
  });
  it("an interface of the host, and the first of a veth pair with both ends there", () => {
    const interfaces = parseInterfaces(
      JSON.stringify(
        [
          { ifindex: 3, ifname: "veth-test1", link: "veth-test2" },
          { ifindex: 4, ifname: "veth-test2", link: "veth-test1" },
          { ifindex: 5, ifname: "veth-test3", link_index: 4 },
        ].map((each) => ({ ...each, flags: [], addr_info: [] })),
      ),
    );
    const results = [1, 2, 3].map((number) => ({
      check: {
        ...{
          id: `3.4-moved-${number}`,
          row: "3.4",
          lab: "namespaces",
          title: "",
          kind: "interface" as const,
          at: "host" as const,
        },
        ...{ interface: `veth-test${number}`, expect: { state: "absent" as const } },
      },
      ...{ passed: false, actual: "", ms: 0 },
    }));
    assert.deepEqual(
      interfacesInTheWay(results, interfaces).map(({ fix }) => fix),
      ["ip link delete veth-test1", "ip link delete veth-test3"],
    );
  });
});

describe("the script of an etcd member", () => {
  const types = "dockernet:index:Lab$dockernet:index:EtcdCluster$dockernet:index:EtcdMember$command:remote:Command";
  const named = (name: string): Resource => ({ urn: `urn:pulumi:s::dockernet::${types}::${name}`, type: "" });
  it("is found by its member's name, here and on another host", () => {
    const state = ["etcd-a-node1@a-node1", "etcd-node1@node1", "etcd-node2"].map(named);
    assert.equal(memberScript("node1", state), state[1]?.urn);
    assert.equal(memberScript("node2", state), state[2]?.urn);
    assert.equal(memberScript("node3", state), undefined);
  });
});

describe("resources that are replaced with a lab", () => {
  for (const [urn, type, custom, remade] of [
    ["dockernet:index:Container$docker:index/container:Container::a", "docker:index/container:Container", true, true],
    ["dockernet:index:Container::a", "dockernet:index:Container", false, false],
    ["dockernet:index:HitCounter$docker:index/volume:Volume::a", "docker:index/volume:Volume", true, false],
    ["dockernet:index:PracticeNode$docker:index/volume:Volume::a", "docker:index/volume:Volume", true, true],
    ["dockernet:index:ImageCopy$command:remote:Command::a-kept@b", "command:remote:Command", true, false],
    ["dockernet:index:ImageCopy$command:local:Command::a-sent", "command:local:Command", true, true],
    ["docker:index/remoteImage:RemoteImage::a", "docker:index/remoteImage:RemoteImage", true, false],
    ["pulumi:providers:docker::a", "pulumi:providers:docker", true, false],
  ] as const) {
    it(`${type} of ${urn.split("$")[0]}: ${remade ? "yes" : "no"}`, () => {
      assert.equal(isRemade({ urn: `urn:pulumi:s::dockernet::${urn}`, type, custom }), remade);
    });
  }

  const STACK = "urn:pulumi:s::dockernet::pulumi:pulumi:Stack::dockernet-s";
  const urn = (name: string) => `urn:pulumi:s::dockernet::type::${name}`;
  const some = (name: string, parent: string | undefined, ...dependencies: string[]): Resource => ({
    ...{ urn: urn(name), type: "docker:index/container:Container", parent: parent ? urn(parent) : STACK },
    dependencies: dependencies.map(urn),
  });
  const state: Resource[] = [
    { urn: STACK, type: "pulumi:pulumi:Stack" },
    some("reservation", undefined),
    some("nodes", undefined),
    some("node", "nodes", "reservation"),
    some("volume", "nodes"),
    ...["ports", "overlay", "namespaces"].map((lab) => ({ ...some(lab, undefined), type: "dockernet:index:Lab" })),
    some("web", "ports", "reservation"),
    some("etcd", "overlay"),
    some("member", "etcd", "node"),
    { ...some("test12", "overlay"), provider: `${urn("member")}::5b2c` },
  ];
  it("none of virtual machines, their keys and their LAN, which stay", () => {
    const below = (name: string, parent: string, types: string) => ({
      ...some(name, parent),
      urn: `urn:pulumi:s::dockernet::${types}::${name}`,
      custom: true,
    });
    const nodes = "dockernet:index:PracticeNodes";
    const made = (node: string): Resource[] => [
      { ...some("nodes", undefined), urn: urn("nodes") },
      below("machine", "nodes", `${nodes}$dockernet:index:${node}$command:local:Command`),
      below("key", "nodes", `${nodes}$dockernet:index:SshKey$command:local:Command`),
      { ...some("overlay", undefined), type: "dockernet:index:Lab" },
      { ...below("etcd", "overlay", "dockernet:index:Lab$command:remote:Command"), dependencies: [urn("nodes")] },
    ];
    const names = (node: string) => remade(["overlay"], made(node)).map((each) => each.urn.split("::").at(-1));
    assert.deepEqual(names("PracticeVm"), ["etcd"]);
    assert.deepEqual(names("PracticeNode"), ["machine", "key", "etcd"]);
  });

  const owned = (labs: string[], resources = state) =>
    ownedBy(labs, resources).map((each) => each.urn.split("::").at(-1));

  it("all below its component, and shared ones that no other lab needs", () => {
    assert.deepEqual(owned(["ports"]), ["ports", "web"]);
    assert.deepEqual(owned(["overlay"]), ["nodes", "node", "volume", "overlay", "etcd", "member", "test12"]);
    assert.deepEqual(owned(["none"]), []);
  });
  it("none that another lab needs, unless that one is replaced, too", () => {
    const shared = [...state, some("test1", "namespaces", "node")];
    assert.deepEqual(owned(["overlay"], shared), ["overlay", "etcd", "member", "test12"]);
    assert.ok(owned(["overlay", "namespaces"], shared).includes("volume"));
    const everything = shared.filter(({ type }) => !type.startsWith("pulumi:")).length;
    assert.equal(owned(["overlay", "namespaces", "ports"], shared).length, everything);
  });
});
