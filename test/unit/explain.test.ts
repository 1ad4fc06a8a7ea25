import assert from "node:assert/strict";
import { LabError } from "../../lab/cli/errors.ts";
import { explanation, explanationJson, together } from "../../lab/commands/explain/format.ts";
import { pinged } from "../../lab/commands/explain/reach.ts";
import { unseenRows } from "../../lab/commands/explain/unseen.ts";
import { inspectCode } from "../../lab/commands/inspect/inspect.ts";
import { containerFaults } from "../../lab/faults/container.ts";
import { endsOf, expectedOf } from "../../lab/faults/expected.ts";
import { memberFaults } from "../../lab/faults/host.ts";
import { namespaceFaults } from "../../lab/faults/namespace.ts";
import { networkFaults } from "../../lab/faults/network.ts";
import { parseInterfaces, readInterfaces } from "../../lab/host/interfaces.ts";
import { ProbeError } from "../../lab/host/probeError.ts";
import { openSession, type Runner } from "../../lab/host/sessions.ts";
import type { Topology } from "../../stacks/topology.ts";

describe("the state's description of an object", () => {
  const node = (id: string, kind: Topology["nodes"][number]["kind"], name: string) => ({
    ...{ id, kind, name, lab: "one", in: "host:" },
    facts: {},
  });
  const topology: Topology = {
    nodes: [
      { id: "host:", kind: "host", name: "this host", facts: {} },
      node("container:a", "container", "a"),
      node("container:b", "container", "b"),
      node("network:n", "network", "n"),
      node("network:host", "network", "host"),
      node("port:127.0.0.1:80", "port", "127.0.0.1:80"),
      node("namespace:x", "namespace", "x"),
      node("namespace:y", "namespace", "y"),
    ],
    links: [
      { kind: "veth", from: "container:a", to: "network:n", facts: { fromInterface: "eth0" } },
      { kind: "link", from: "container:a", to: "container:b", facts: { alias: "db" } },
      { kind: "publish", from: "port:127.0.0.1:80", to: "container:a", facts: { port: "8080/tcp" } },
      { kind: "attached", from: "container:b", to: "network:host", facts: {} },
      { kind: "shares", from: "container:b", to: "host:", facts: {} },
      {
        kind: "veth",
        from: "namespace:x",
        to: "namespace:y",
        facts: { fromInterface: "v1", fromAddress: "10.0.0.1/24", toInterface: "v2", toAddress: "10.0.0.2/24" },
      },
    ],
  };

  it("of a container: networks, interfaces, ports and links", () => {
    assert.deepEqual(expectedOf(topology, "a", undefined), {
      ...{ lab: "one", networks: ["n"], published: ["127.0.0.1:80->8080/tcp"] },
      ...{ interfaces: ["lo", "eth0"], isPracticeNode: false, links: ["db"] },
    });
    assert.equal(expectedOf(topology, "b", undefined)?.interfaces, undefined);
    assert.deepEqual(expectedOf(topology, "b", undefined)?.networks, ["host"]);
    assert.equal(expectedOf(topology, "a", "docker-node1"), undefined);
  });

  it("of a namespace: its veth ends, from either side", () => {
    assert.deepEqual(endsOf(topology, "y", undefined), [
      { interface: "v2", address: "10.0.0.2/24", other: { namespace: "x", interface: "v1" } },
    ]);
    assert.equal(endsOf(topology, "z", undefined), undefined);
  });
});

describe("an object that cannot be inspected", () => {
  const nodes: Topology["nodes"] = [];
  const outputs = { urls: {}, hosts: {}, checks: [], topology: { nodes, links: [] } };
  const looks = [containerFaults, networkFaults, namespaceFaults];
  /** Explanations of objects on a host on which only these programs work. */
  const said = async (...programs: string[]) => {
    const session = openSession("node", async ([program = "", verb]) => {
      if (programs.includes(program) && verb !== "container") return "";
      throw new Error(`${program} failed`);
    });
    const host = { name: "node", on: "node", session };
    const context = { environment: "mine", outputs, here: host, hosts: [host] };
    return Promise.all(looks.map(async (faults) => explanation(await faults(context, host, "x"), "")));
  };

  it("is not reported as missing: exit code 2", async () => {
    assert.deepEqual(
      (await said()).map(({ code }) => code),
      [2, 2, 2],
    );
    // A namespace can be looked up without an engine.
    assert.deepEqual(
      (await said("true", "ip")).map(({ code }) => code),
      [2, 2, 1],
    );
    assert.deepEqual(
      (await said("true", "ip", "docker")).map(({ code }) => code),
      [1, 1, 1],
    );
  });
  it("is reported in one sentence by every command", () => assert.ok(new ProbeError("") instanceof LabError));
  it("has its faults with their fixes in the JSON, in addition to the text", () => {
    const told = explanation([{ title: "lo is down", fix: "ip link set lo up" }], "test1 is a namespace");
    assert.deepEqual(JSON.parse(explanationJson(told)), {
      faults: [{ title: "lo is down", fix: "ip link set lo up" }],
      code: 1,
      text: "test1 is a namespace",
    });
  });

  it("determines the worst result of many explanations", () => {
    const of = (code: 0 | 1 | 2) => ({ text: "", faults: [], code });
    assert.equal(together([of(0), of(2), of(1)]).code, 2);
    assert.equal(together([]).code, 0);
  });
  it("makes lab inspect exit with 2; missing objects, or objects unknown to the state, with 1", () => {
    const found = (more: object) => ({ seen: true, missing: [], unexpected: [], ...more });
    const one = [{ kind: "container", name: "x" }];
    const codes = [{}, { missing: one }, { unexpected: one }, { seen: false }].map((more) =>
      inspectCode([found({ missing: one }), found(more)].slice(Object.keys(more).length === 0 ? 1 : 0)),
    );
    assert.deepEqual(codes, [0, 1, 1, 2]);
  });
});

describe("an etcd member that does not run", () => {
  const names = ["a", "b", "c"];
  const client = (name: string) => `http://${name}:2379`;
  const nodes = names.map((name) => ({
    ...{ id: `member:${name}@${name}`, kind: "member" as const, name, lab: "overlay", in: `host:${name}` },
    facts: { client: client(name) },
  }));
  const outputs = { urls: {}, hosts: {}, checks: [], topology: { nodes, links: [] } };
  /** The fix for member a, if the others answer and its host shows this of its data. */
  const fix = async (answering: readonly string[], data: string) => {
    const session = openSession("a", async (command) => {
      if (command[0] === "true") return "";
      if (command.some((word) => word.endsWith("\nroom"))) return data;
      if (answering.some((name) => command.some((word) => word.includes(`${client(name)}/version`))))
        return '{"etcdserver":"3.4.23"}';
      throw new Error("no answer");
    });
    const host = { name: "a", on: "a", session };
    const context = { environment: "mine", outputs, here: host, hosts: [host] };
    return (await memberFaults(context, host)).map((fault) => fault.fix);
  };

  it("is to be started if it has its data", async () => {
    assert.deepEqual(await fix(["b", "c"], ""), ["on a: systemctl start dockernet-etcd-a"]);
  });
  it("is to be replaced if its data is gone, or the cluster restored if the others have no quorum", async () => {
    assert.deepEqual(await fix(["b", "c"], "gone yes"), ["npx lab recover mine"]);
    assert.deepEqual(await fix(["c"], "gone yes"), ["npx lab restore mine"]);
  });
});

describe("interfaces as printed by ip", () => {
  const json = JSON.stringify([
    { ifindex: 1, ifname: "lo", ifalias: "p/s", flags: ["LOOPBACK", "UP", "LOWER_UP"], addr_info: [] },
    {
      ...{ ifindex: 5, ifname: "veth1", link_index: 6, master: "br-1", flags: ["UP"] },
      ...{ linkinfo: { info_kind: "veth" }, addr_info: [{ family: "inet", local: "10.0.0.1", prefixlen: 24 }] },
    },
  ]);

  it("include a veth end, a bridge and a mark", () => {
    const [lo, veth] = parseInterfaces(json);
    assert.equal(lo?.alias, "p/s");
    assert.deepEqual([veth?.peer, veth?.master, veth?.kind, veth?.state], [6, "br-1", "veth", "unplugged"]);
    assert.equal(readInterfaces(json).get("veth1"), "unplugged 10.0.0.1/24");
  });
});

describe("a user who is not root", () => {
  const { getuid } = process;
  before(() => {
    process.getuid = () => 1000;
  });
  after(() => {
    process.getuid = getuid;
  });
  const hostOf = (runner: Runner, local = true) => ({
    name: "this host",
    on: undefined,
    session: openSession("", runner, { local }),
  });
  const namespaces = (list: string) => hostOf(async (command) => (command.includes("netns") ? list : assert.fail()));

  it("is told what was not probed, but nothing about a host over SSH, where scripts run as root", async () => {
    assert.deepEqual(await unseenRows(namespaces("")), [["not probed", "the firewall's rules: needs root"]]);
    const both = [["not probed", "the firewall's rules and the network namespaces: needs root"]];
    assert.deepEqual(await unseenRows(namespaces("test1 (id: 0)\ntest2")), both);
    assert.deepEqual(await unseenRows(hostOf(() => assert.fail(), false)), []);
  });

  it("is told that no echo request was sent, which is not silence", async () => {
    const ping = (stderr: string) =>
      pinged(
        hostOf(() => Promise.reject({ stdout: "", stderr })),
        "10.1.0.2",
        ["nsenter"],
      );
    assert.equal(await ping("PING 10.1.0.2 (10.1.0.2) 56(84) bytes of data.\n100% packet loss\n"), "silence");
    assert.equal(await ping("ping: connect: Network is unreachable\n"), "silence");
    const denied = "nsenter: cannot open /proc/1/ns/net: Permission denied";
    assert.equal(await ping(`${denied}\n`), `not sent (${denied})`);
  });
});
