import assert from "node:assert/strict";
import type { Host } from "../../components/host-script/HostScript.ts";
import { readScript } from "../../components/host-script/scriptText.ts";
import { type ServiceShape, serviceParts, serviceProblem, updateDelaySec } from "../../components/lib/serviceSpec.ts";
import { dataPortProblem, managersWarning, nodeLine, poolsProblem } from "../../components/lib/swarm.ts";
import { SwarmCluster, type SwarmNode } from "../../components/swarm-cluster/SwarmCluster.ts";
import { SwarmNetwork } from "../../components/swarm-network/SwarmNetwork.ts";
import { SwarmService, type SwarmServiceArgs } from "../../components/swarm-service/SwarmService.ts";
import type { ProbeResult } from "../../lab/checks/from.ts";
import namesake from "../../lab/checks/kinds/namesake.ts";
import swarmNetwork from "../../lab/checks/kinds/swarmNetwork.ts";
import swarmNodes from "../../lab/checks/kinds/swarmNodes.ts";
import swarmService from "../../lab/checks/kinds/swarmService.ts";
import type { Result } from "../../lab/checks/verify.ts";
import { containerUrns, detachedContainers, detachedSteps } from "../../lab/commands/recover/detached.ts";
import { type FoundNode, losesQuorum, lossesOf, type NodeState } from "../../lab/commands/recover/losses.ts";
import { lossSteps } from "../../lab/commands/recover/managers.ts";
import {
  failedParts,
  hostsWithoutImage,
  imageScripts,
  isOnItsWay,
  swarmSteps,
} from "../../lab/commands/recover/swarm.ts";
import { type Container, containersByName } from "../../lab/host/containers.ts";
import { ProbeError } from "../../lab/host/probeError.ts";
import type { HostSession } from "../../lab/host/session.ts";
import { nodesOfAny } from "../../lab/host/swarm.ts";
import type { Outputs } from "../../lab/state/outputs.ts";
import { withStale } from "../../lab/state/rerun.ts";
import type { Resource } from "../../lab/state/stackExport.ts";
import type { Check } from "../../stacks/checks.ts";
import { run } from "../../toolchain/run.ts";
import { inputsOf, type Registered, recordResources, refusalOf, resolved, settled, textOf } from "./mocks.ts";

const REMOTE = "command:remote:Command";
const host = (address: string): Host => ({
  kind: "ssh",
  connection: { host: address, privateKey: "k", hostKey: "ssh-ed25519 AAAA" },
});
const node = (number: number, more: Partial<SwarmNode> = {}): SwarmNode => ({
  nodeName: `node${number}`,
  address: `10.0.0.1${number}`,
  host: host(`10.0.0.1${number}`),
  ...more,
});
const manager = (number: number) => node(number, { role: "manager" });

describe("the components of Swarm mode", () => {
  let seen: Registered[];
  beforeEach(async () => {
    seen = await recordResources();
  });
  const refusal = (make: () => unknown): string => refusalOf(seen, make);
  const scriptOf = (name: string): string => textOf(inputsOf(seen, REMOTE, name).stdin);

  it("SwarmCluster lets every node join the first manager with a token that is secret", async () => {
    const cluster = new SwarmCluster("swarm", { nodes: [manager(1), node(2, { labels: { disk: "ssd" } })] });
    await settled(seen);
    assert.doesNotMatch(scriptOf("swarm-node1"), /^(JOIN|TOKEN)=/m);
    assert.match(
      scriptOf("swarm-node2"),
      /^CLUSTER='c1'$[\s\S]*^JOIN='10\.0\.0\.11'$[\s\S]*^TOKEN='SWMTKN-1-abc-def'$/m,
    );
    assert.equal(typeof inputsOf(seen, REMOTE, "swarm-node2").stdin, "object", "a text with the token is secret");
    assert.equal(inputsOf(seen, REMOTE, "swarm-node1").logging, "none");
    assert.match(scriptOf("swarm-roles"), /^NODES='n1 node1 manager active\nn1 node2 worker active disk=ssd'$/m);
    assert.doesNotMatch(scriptOf("swarm-roles"), /SWMTKN-1-abc/);
    assert.equal(await resolved(cluster.clusterId), "c1");
  });

  it("SwarmCluster's first manager knows the others, so that it makes no second swarm when its host was lost", async () => {
    new SwarmCluster("swarm", { nodes: [manager(2), manager(1), manager(3)] });
    await settled(seen);
    assert.match(scriptOf("swarm-node2"), /^OTHERS='10\.0\.0\.11 10\.0\.0\.13'$/m);
  });

  for (const [what, nodes, message] of [
    ["no manager", [node(1)], /^expected 1 to 7 managers of a swarm, got 0/],
    ["eight managers", [1, 2, 3, 4, 5, 6, 7, 8].map(manager), /got 8/],
    ["one name twice", [manager(1), node(2, { nodeName: "node1" })], /two nodes of a swarm cannot both be node1/],
    ["one address twice", [manager(1), node(2, { address: "10.0.0.11" })], /cannot both be 10\.0\.0\.11/],
    ["a name with a space", [manager(1), node(2, { nodeName: "a b" })], /swarm node name .*, got "a b"/],
    [
      "no address",
      [node(1, { role: "manager", address: "eth0" })],
      /swarm node node1: expected an IPv4 address, got "eth0"/,
    ],
    ["a label with a space", [node(1, { role: "manager", labels: { a: "b c" } })], /expected a label of .*"b c"/],
  ] as const) {
    it(`SwarmCluster refuses ${what}`, () => {
      assert.match(
        refusal(() => new SwarmCluster("swarm", { nodes: [...nodes] })),
        message,
      );
    });
  }

  it("SwarmCluster refuses ports and pools that engines do", () => {
    assert.equal(dataPortProblem(4789), undefined);
    assert.match(dataPortProblem(80) ?? "", /expected a UDP port of 1024 to 49151/);
    assert.equal(poolsProblem(["10.20.0.0/16"], 24), undefined);
    assert.match(poolsProblem(["10.20.0.0/25"], 24) ?? "", /larger than a network of \/24, .* got 10\.20\.0\.0\/25/);
    assert.match(poolsProblem(["10.20.0.0/16"], 30) ?? "", /at most \/29, got 30/);
    assert.match(poolsProblem(["127.0.0.0/16"], 24) ?? "", /reserved for loopback/);
  });

  it("an even number of managers causes a warning", () => {
    assert.equal(managersWarning(3), undefined);
    assert.equal(managersWarning(2), "2 managers tolerate 0 failures, no more than 1 would");
  });

  it("a node is a line of a script, with its labels sorted", () => {
    assert.equal(nodeLine("x", { nodeName: "a", address: "10.0.0.1" }), "x a worker active");
    const labels = { z: "1", a: "2" };
    const drained = { nodeName: "a", address: "10.0.0.1", role: "manager", availability: "drain", labels } as const;
    assert.equal(nodeLine("x", drained), "x a manager drain a=2 z=1");
  });

  it("SwarmNetwork is made on the manager, and used on each user before its outputs are known", async () => {
    const args = { networkName: "demo", manager: host("10.0.0.11"), clusterId: "c1", mtu: 1400 };
    new SwarmNetwork("demo", { ...args, users: [{ host: host("10.0.0.12"), image: "sha256:0" }] });
    await settled(seen);
    assert.match(scriptOf("demo"), /^ATTACHABLE='true'\nCLUSTER='c1'\nENCRYPTED='false'$/m);
    assert.match(scriptOf("demo"), /^LABELS='dockernet\.project=dockernet\ndockernet\.stack=practice'\nMTU='1400'$/m);
    assert.match(scriptOf("demo-user-1"), /^IMAGE='sha256:0'$/m);
    const refused = (wrong: object) => refusal(() => new SwarmNetwork("other", { ...args, ...wrong }));
    seen.splice(0);
    assert.match(refused({ networkName: "-" }), /expected a network name/);
    assert.match(refused({ subnet: "10.0.0.1/24" }), /expected the block's own address/);
    assert.match(refused({ mtu: 100 }), /expected an MTU of 576 to 65485 bytes, got 100/);
    assert.match(refused({ labels: { a: "b c" } }), /expected a label without spaces/);
  });

  it("an encrypted SwarmNetwork is refused on a kernel that has no ESP", async () => {
    const script = readScript(new URL("../../components/swarm-network/encryption.sh", import.meta.url));
    const says = (encrypted: boolean, state: string) =>
      run("sh", [
        "-c",
        `ENCRYPTED=${encrypted}\n${script}\nrefuse() { echo "$1"; exit 1; }\nmodule_state() { echo ${state}; }\nrequire_encryption`,
      ]).catch(({ stdout }: { readonly stdout: string }) => stdout);
    assert.match(await says(true, "missing"), /^the kernel of \S+ has no ESP \(esp4\)/);
    for (const [encrypted, state] of [
      [true, "there"],
      [true, "unknown"],
      [false, "missing"],
    ] as const)
      assert.equal(await says(encrypted, state), "");
  });

  const service = (args: Partial<SwarmServiceArgs> = {}) =>
    new SwarmService("web", {
      ...{ serviceName: "web", manager: host("10.0.0.11"), clusterId: "c1", image: "sha256:0" },
      ...args,
    });

  it("SwarmService is one value for the engine's API, with its owner's labels", async () => {
    service({ labels: { a: "b" }, replicas: 2 });
    await settled(seen);
    assert.match(scriptOf("web"), /^OWNER='dockernet\/practice'$/m);
    const spec = JSON.parse(/^SPEC='(.*)'$/m.exec(scriptOf("web"))?.[1] ?? "");
    assert.deepEqual(spec.Labels, { a: "b", "dockernet.project": "dockernet", "dockernet.stack": "practice" });
    assert.deepEqual(spec.Mode, { Replicated: { Replicas: 2 } });
    // Pulumi keeps the arguments of before if an update fails, and so does the engine.
    assert.deepEqual([spec.UpdateConfig.FailureAction, spec.RollbackConfig.FailureAction], ["rollback", "pause"]);
  });

  it("SwarmService refuses what no engine can do", () => {
    const refused = (args: Partial<SwarmServiceArgs>) => refusal(() => service(args));
    assert.match(refused({ serviceName: "a b" }), /expected a service name/);
    assert.match(refused({ replicas: 0 }), /service web: expected 1 replica or more, got 0/);
    assert.match(refused({ publish: [{ port: 0, containerPort: 80 }] }), /expected a port of 1 to 65535, got 0/);
    const mesh = { port: 80, containerPort: 80, mode: "ingress" } as const;
    assert.match(refused({ publish: [mesh] }), /a port in mode ingress needs the endpoint mode vip/);
    assert.match(refused({ constraints: ["ssd"] }), /expected a constraint such as .*, got "ssd"/);
    assert.match(refused({ rollback: { failureAction: "rollback" } }), /after a failed rollback/);
    assert.match(refused({ stopGraceSec: -1 }), /expected a time to stop of 0 seconds or more, got -1/);
  });

  it("a service's specification has what the engine's API takes", () => {
    const shape: ServiceShape = {
      ...{ serviceName: "web", image: "sha256:0", networks: ["demo"], replicas: undefined, maxPerNode: 1 },
      ...{ constraints: ["node.role==worker"], endpointMode: "vip", command: ["run"], environment: { B: "2", A: "1" } },
      ...{ healthcheck: "true", capabilities: ["CHOWN"], volume: { name: "v", path: "/data" }, labels: {} },
      publish: [{ port: 8080, containerPort: 80, mode: "ingress" }],
      update: { parallelism: 2, delaySec: 3, failureAction: "rollback", order: "start-first" },
      ...{ rollback: {}, secrets: [], configs: [], stopGraceSec: 30 },
    };
    assert.equal(serviceProblem(shape), undefined);
    const { TaskTemplate: task, ...spec } = JSON.parse(serviceParts(shape, "c1").spec);
    assert.deepEqual(spec.Mode, { Global: {} });
    assert.deepEqual(spec.UpdateConfig, {
      ...{ Parallelism: 2, Delay: 3_000_000_000, FailureAction: "rollback", Order: "start-first" },
    });
    assert.deepEqual(spec.EndpointSpec.Ports, [
      { Protocol: "tcp", TargetPort: 80, PublishedPort: 8080, PublishMode: "ingress" },
    ]);
    assert.deepEqual(task.Networks, [{ Target: "demo" }]);
    assert.deepEqual(task.Placement, { Constraints: ["node.role==worker"], MaxReplicas: 1 });
    const container = task.ContainerSpec;
    assert.deepEqual(container.Env, ["A=1", "B=2"]);
    assert.deepEqual([container.CapabilityDrop, container.CapabilityAdd], [["ALL"], ["CAP_CHOWN"]]);
    assert.deepEqual(container.Mounts, [{ Type: "volume", Source: "v", Target: "/data" }]);
    assert.equal(container.Healthcheck.Interval, 1_000_000_000);
    assert.equal(container.StopGracePeriod, 30_000_000_000);
  });

  it("an update of several tasks leaves a load balancer time to find each host again", () => {
    const host = { port: 8080, containerPort: 80 };
    const shape = { update: {}, publish: [host], replicas: 2 };
    assert.equal(updateDelaySec(shape), 10);
    assert.equal(updateDelaySec({ ...shape, replicas: undefined }), 10);
    assert.equal(updateDelaySec({ ...shape, replicas: 1 }), 0);
    assert.equal(updateDelaySec({ ...shape, publish: [{ ...host, mode: "ingress" }] }), 0);
    assert.equal(updateDelaySec({ ...shape, publish: [] }), 0);
    assert.equal(updateDelaySec({ ...shape, update: { delaySec: 0 } }), 0);
  });
});

describe("containers of services", () => {
  const container = (name: string, running: boolean, service?: string) =>
    ({ name, running, labels: service ? { "com.docker.swarm.service.name": service } : {} }) as unknown as Container;

  it("go by the name of their service, one that runs before one that has ended", () => {
    const found = containersByName([
      container("web.1.a", false, "web"),
      container("web.1.b", true, "web"),
      container("other", true),
    ]);
    assert.equal(found.get("web")?.name, "web.1.b");
    assert.deepEqual([...found.keys()].sort(), ["other", "web", "web.1.a"]);
  });
});

describe("the checks of Swarm mode", () => {
  const common = { id: "11.1-x", row: "11.1", lab: "swarm", title: "it does" };
  const inspected = (
    name: string,
    role: string,
    change: { readonly state?: string; readonly availability?: string; readonly labels?: object } = {},
  ) => ({
    ID: `id-${name}`,
    Spec: {
      Labels: { "dockernet.host": name, ...change.labels },
      Role: role,
      Availability: change.availability ?? "active",
    },
    Description: { Hostname: "other" },
    Status: { State: change.state ?? "ready" },
    ...(role === "manager" && { ManagerStatus: { Reachability: "reachable" } }),
  });
  const SSD = { disk: "ssd" };
  const BOTH = [inspected("a", "manager"), inspected("b", "worker", { labels: SSD })];
  /** A manager that prints this; a service is there if it has tasks. */
  const session = (nodes: readonly object[] | string, tasks?: readonly object[]) => {
    const text = typeof nodes === "string" ? nodes : JSON.stringify(nodes);
    return (): HostSession =>
      ({
        say: async () => ({ ok: typeof nodes !== "string", text }),
        attempt: async ([program]: readonly string[]) =>
          program === "docker" ? tasks && "[]" : JSON.stringify(tasks ?? []),
      }) as unknown as HostSession;
  };
  const told = async (probe: Promise<ProbeResult>): Promise<string> => {
    const { passed, actual } = await probe.catch((error): ProbeResult => {
      if (error instanceof ProbeError) return { passed: false, actual: error.message };
      throw error;
    });
    return `${passed ? "passed" : "FAILED"} ${actual}`;
  };

  const nodesCheck = {
    ...common,
    kind: "swarmNodes" as const,
    on: "a",
    expect: { a: "manager", b: "worker" } as const,
    labels: { b: { disk: "ssd" } },
  };
  for (const [what, nodes, expected] of [
    ["all as it should be", BOTH, "passed 2 nodes are ready, managers: a"],
    [
      "a node that is off",
      [BOTH[0] ?? {}, inspected("b", "worker", { state: "down", labels: SSD })],
      "FAILED b is down",
    ],
    [
      "one that was drained",
      [BOTH[0] ?? {}, inspected("b", "worker", { availability: "drain", labels: SSD })],
      "FAILED b is set to drain",
    ],
    ["one that was promoted", [BOTH[0] ?? {}, inspected("b", "manager", { labels: SSD })], "FAILED b is a manager"],
    [
      "one whose label was removed",
      [BOTH[0] ?? {}, inspected("b", "worker")],
      "FAILED b does not have the label disk=ssd",
    ],
    ["one that has left", [BOTH[0] ?? {}], "FAILED b is no node"],
    [
      "one that joined a second time",
      [...BOTH, inspected("b", "worker", { state: "down" })],
      "FAILED b is two nodes, ready and down",
    ],
    ["a stranger", [...BOTH, inspected("c", "worker")], "FAILED c is a node, too"],
    ["no swarm", "Error: This node is not a swarm manager.", "FAILED the engine is no manager of a swarm"],
    [
      "no quorum",
      "The swarm does not have a leader.",
      "FAILED the managers of the swarm have no quorum: 1 of 1 answer (a), 1 must",
    ],
  ] as const) {
    it(`of the nodes: ${what}`, async () => {
      assert.equal(await told(swarmNodes.probe(nodesCheck, session(nodes))), expected);
    });
  }

  const task = (on: string, State = "running", Err = "") => ({
    NodeID: `id-${on}`,
    DesiredState: "running",
    Status: { State, Err },
  });
  const serviceCheck = { ...common, kind: "swarmService" as const, on: "a", service: "web", expect: ["a", "b"] };
  for (const [what, tasks, expected] of [
    ["one task on each host", [task("b"), task("a")], "passed 2 of 2 run, on a, b"],
    ["a task that is missing", [task("a")], "FAILED 1 of 2 run, on a"],
    ["two on one host", [task("a"), task("a")], "FAILED 2 of 2 run, on a, a"],
    ["one too many", [task("a"), task("b"), task("b")], "FAILED 3 of 2 run, on a, b, b"],
    [
      "a task that waits",
      [task("a"), task("", "pending", "no suitable node")],
      "FAILED 1 of 2 run, on a; pending on no node (no suitable node)",
    ],
    [
      "a task that replaces one that failed, and another one",
      [
        task("a"),
        { ...task("b", "ready"), DesiredState: "ready", CreatedAt: "3" },
        { ...task("b", "rejected", "No such image"), DesiredState: "shutdown", CreatedAt: "2" },
        { ...task("b", "failed", "exit (1)"), DesiredState: "shutdown", CreatedAt: "1" },
      ],
      "FAILED 1 of 2 run, on a; ready on b (the one before: No such image)",
    ],
    [
      "a task that failed a moment ago, and one of before",
      [
        { ...task("a"), Slot: 1 },
        { ...task("b", "failed", "disk full"), Slot: 2, DesiredState: "shutdown", CreatedAt: "2" },
        { ...task("b", "failed", "exit (1)"), Slot: 2, DesiredState: "shutdown", CreatedAt: "1" },
        { ...task("a", "failed", "exit (1)"), Slot: 1, DesiredState: "shutdown", CreatedAt: "1" },
      ],
      "FAILED 1 of 2 run, on a; failed on b (disk full)",
    ],
    ["no service", undefined, "FAILED there is no service web"],
  ] as const) {
    it(`of a service: ${what}`, async () => {
      assert.equal(await told(swarmService.probe(serviceCheck, session(BOTH, tasks))), expected);
    });
  }

  const networkCheck = {
    ...common,
    kind: "swarmNetwork" as const,
    ...{ on: "a", network: "demo", expect: { subnet: "10.10.0.0/24", attachable: true } },
  };
  for (const [what, found, expected] of [
    ["the network of the lab", {}, "passed scope swarm, attachable, block 10.10.0.0/24"],
    ["one of a single host", { Scope: "local" }, "FAILED scope local, attachable, block 10.10.0.0/24"],
    ["one for tasks only", { Attachable: false }, "FAILED scope swarm, for tasks only, block 10.10.0.0/24"],
    ["another block", { IPAM: { Config: null } }, "FAILED scope swarm, attachable, block none"],
    ["none", undefined, "FAILED there is no network demo"],
  ] as const) {
    it(`of a network: ${what}`, async () => {
      const network = { Scope: "swarm", Attachable: true, IPAM: { Config: [{ Subnet: "10.10.0.0/24" }] }, ...found };
      const say = async () =>
        found
          ? { ok: true, text: JSON.stringify([network]) }
          : { ok: false, text: "Error response from daemon: network demo not found" };
      const there = { say } as unknown as HostSession;
      assert.equal(await told(swarmNetwork.probe(networkCheck, () => there)), expected);
    });
  }

  const namesakeCheck = {
    ...common,
    kind: "namesake" as const,
    ...{ on: "b", network: "demo", container: "test12", holder: "a", like: "test13" },
  };
  for (const [what, said, expected] of [
    ["both addresses", "let in 10.10.0.2 10.10.0.9", "passed let in: test12 is 10.10.0.2 and 10.10.0.9"],
    ["one address", "let in 10.10.0.9", "FAILED let in: test12 is 10.10.0.9"],
    [
      "a refusal",
      "docker: endpoint with name test12 already exists",
      "FAILED not let in: docker: endpoint with name test12 already exists",
    ],
    ["no answer", undefined, "FAILED not let in: no answer"],
  ] as const) {
    it(`of a second container of one name: ${what}`, async () => {
      const there = (name: string) =>
        ({
          containers: async () => new Map([[name, { name, running: true, addresses: { demo: "10.10.0.2" } }]]),
          attempt: async () => said,
        }) as unknown as HostSession;
      const sessions = (on: string | undefined) => there(on === "a" ? "test12" : "test13");
      assert.equal(await told(namesake.probe(namesakeCheck, sessions)), expected);
    });
  }
});

describe("the managers of a swarm", () => {
  const managers = ["a", "b", "c"];
  const says =
    (text: string) =>
    (name: string | undefined): HostSession =>
      ({
        say: async () => (name === "b" ? { ok: false, text } : { ok: false, text: "ssh: No route to host" }),
      }) as unknown as HostSession;

  it("say that they have no quorum, with the managers that are missing", async () => {
    await assert.rejects(nodesOfAny(says("The swarm does not have a leader"), managers), (error: Error) => {
      assert.equal(error.message, "the managers of the swarm have no quorum: 1 of 3 answer (b), 2 must");
      return error instanceof ProbeError;
    });
    await assert.rejects(nodesOfAny(says("ssh: connection refused"), managers), /^Error: the manager does not answer/);
  });
});

describe("lab recover of a swarm that has lost nodes", () => {
  const losses = (hasQuorum: boolean, ...states: NodeState[]) =>
    lossesOf(["a", "b", "c"], new Map(states.map((state, index) => ["abcdefg"[index] ?? "", state])), { hasQuorum });
  const found = (...of: Parameters<typeof losses>) => lossSteps("s", losses(...of)).map((step) => step.found);

  it("lets a manager go on alone only if so many others have lost their data that there is no majority again", () => {
    const alone = (...of: Parameters<typeof losses>) => losses(...of).majority;
    assert.deepEqual(alone(false, "there", "removed", "left"), { survivor: "a", others: [], lost: ["b", "c"] });
    assert.deepEqual(alone(false, "removed", "left", "there"), { survivor: "c", others: [], lost: ["a", "b"] });
    assert.equal(alone(false, "there", "removed", "silent"), undefined);
    assert.equal(alone(false, "there", "silent", "silent"), undefined);
    assert.equal(alone(false, "silent", "removed", "removed"), undefined);
    assert.equal(alone(true, "there", "there", "removed"), undefined);
  });
  it("takes a swarm for one without a quorum while its leader, which has not noticed, still lists the managers", () => {
    const listed = ["a", "b", "c", "d"].map((name) => ({
      id: `id-${name}`,
      name,
      role: name === "d" ? "worker" : "manager",
    }));
    const loses = (found: Readonly<Record<string, FoundNode>>) => losesQuorum(listed, new Map(Object.entries(found)));
    const there = (name: string): FoundNode => ({ state: "there", nodeId: `id-${name}` });
    assert.equal(loses({ a: there("a"), b: { state: "left" }, c: { state: "removed" } }), true);
    assert.equal(loses({ a: there("a"), b: { state: "left" }, c: there("other") }), true);
    assert.equal(loses({ a: there("a"), b: there("b"), c: { state: "left" }, d: { state: "left" } }), false);
    assert.equal(loses({ a: there("a"), b: { state: "silent" }, c: { state: "silent" } }), false);
  });
  it("lets nodes leave that are in no list or whose data is damaged, but only while a majority keeps everything", () => {
    assert.deepEqual(losses(true, "there", "there", "excluded", "excluded").left, ["c", "d"]);
    assert.deepEqual(losses(false, "there", "silent", "excluded").left, []);
    assert.equal(losses(false, "there", "excluded", "excluded").majority, undefined);
    assert.equal(losses(true, "excluded", "there", "there").first, "a");
    assert.match(found(true, "there", "there", "excluded")[0] ?? "", /do not list, or that is damaged: c$/);
  });
  it("lets the other managers that are left of an even number join again, which know only those of before", () => {
    const states = new Map<string, NodeState>([
      ["a", "there"],
      ["b", "there"],
      ["c", "left"],
      ["d", "left"],
    ]);
    const { majority } = lossesOf([...states.keys()], states, { hasQuorum: false });
    assert.deepEqual(majority, { survivor: "a", others: ["b"], lost: ["c", "d"] });
  });
  it("lets nodes join again that left", () => {
    assert.deepEqual(found(true, "there", "there", "there"), []);
    assert.deepEqual(found(true, "there", "there", "removed", "left"), [
      "nodes whose engines are not in the swarm any more: d",
    ]);
  });
  it("lets the first manager join through another one, and creates a new swarm only if there is no other", () => {
    const joins = "a, which lets the other nodes into the swarm, is in none itself";
    assert.deepEqual(found(true, "left", "there", "there"), [joins]);
    assert.deepEqual(found(false, "left", "silent", "there"), [joins]);
    assert.deepEqual(found(false, "left", "left", "left"), [
      "nodes whose engines are not in the swarm any more: a, b, c",
    ]);
  });
});

describe("lab recover of a swarm", () => {
  const common = { id: "11.1-x", row: "11.1", lab: "swarm", title: "it does", on: "a" };
  const nodes: Check = { ...common, kind: "swarmNodes", expect: { a: "manager" } };
  const service = (name: string): Check => ({ ...common, kind: "swarmService", service: name, expect: ["a"] });
  const result = (check: Check, passed: boolean) => ({ check, passed, actual: "set to drain", ms: 1 });
  const script = (component: string, name: string) =>
    ({
      urn: `urn:pulumi:s::p::dockernet:index:Lab$dockernet:index:${component}$command:remote:Command::${name}`,
      type: "command:remote:Command",
    }) as Resource;
  const resources = [
    ...["swarm-a", "swarm-roles@a"].map((name) => script("SwarmCluster", name)),
    ...["redis@a", "web@a"].map((name) => script("SwarmService", name)),
    ...["demo@a", "demo-user-1@b"].map((name) => script("SwarmNetwork", name)),
  ];
  const chosen = (...results: Result[]) => failedParts(results, resources).map(({ urn }) => urn.split("::").at(-1));

  it("recreates a network that the managers do not have, and none that they could not be asked for", () => {
    const check: Check = {
      ...common,
      ...{ kind: "swarmNetwork", network: "demo", expect: { subnet: "10.10.0.0/24", attachable: true } },
    };
    assert.deepEqual(chosen({ ...result(check, false), actual: "there is no network demo" }), ["demo@a"]);
    assert.deepEqual(chosen({ ...result(check, false), actual: "the manager does not answer: no route" }), []);
  });

  it("waits for tasks on their way, and for none that has failed or is missing", () => {
    const check: Check = { ...common, kind: "swarmService", service: "web", expect: ["a", "b"] };
    const isWaitedFor = (actual: string) => isOnItsWay({ ...result(check, false), actual });
    assert.equal(isWaitedFor("1 of 2 run, on a; starting on b ()"), true);
    assert.equal(isWaitedFor("1 of 2 run, on a; pending on no node (no suitable node)"), true);
    assert.equal(isWaitedFor("1 of 2 run, on a; rejected on b (No such image: web)"), false);
    assert.equal(isWaitedFor("3 of 2 run, on a, a, b"), false);
    assert.equal(isWaitedFor("there is no service web"), false);
  });

  it("recreates containers that are no longer on their networks", async () => {
    const container = (name: string, on: string) => ({
      ...{ id: `container:${name}@${on}`, kind: "container" as const, name, lab: "swarm", in: `host:${on}`, facts: {} },
    });
    const demo = {
      id: "network:demo@a",
      kind: "network" as const,
      name: "demo",
      lab: "swarm",
      in: "host:a",
      facts: {},
    };
    const there = [container("t1", "a"), container("t2", "a")];
    const topology = {
      nodes: [...there, demo],
      links: there.map(({ id }) => ({ kind: "attached" as const, from: id, to: demo.id, facts: {} })),
    };
    const running = (name: string, addresses: object) => [name, { name, running: true, addresses }] as const;
    const seen = { containers: async () => new Map([running("t1", { demo: "10.0.0.2" }), running("t2", {})]) };
    const detached = await detachedContainers(
      { checks: [nodes], topology, hosts: {} } as unknown as Outputs,
      () => seen as unknown as HostSession,
    );
    assert.deepEqual(detached, [{ name: "t2", on: "a", networks: ["demo"] }]);
    assert.match(detachedSteps("s", detached)[0]?.found ?? "", /: t2 on a \(demo\)$/);
    const of = (urn: string, name: string, on: string) =>
      ({
        urn,
        type: "docker:index/container:Container",
        outputs: { name },
        provider: `urn::${on}::id`,
      }) as unknown as Resource;
    const all = [of("1", "t1", "a"), of("2", "t2", "a"), of("3", "t2", "b")];
    assert.deepEqual(containerUrns(detached, all), ["2"]);
  });

  it("sends images again to hosts that lack one", () => {
    const actual = "1 of 3 run, on a; rejected on b (No such image: sha256:0); ready on c (the one before: exit (1))";
    assert.deepEqual(hostsWithoutImage({ ...result(service("web"), false), actual }), ["b"]);
    const copies = ["tiny-a-sent", "web-b-sent"].map((name) => ({
      ...script("ImageCopy", name),
      urn: script("ImageCopy", name).urn.replace("remote:", "local:"),
    }));
    assert.deepEqual(imageScripts(["b"], copies), [copies[1]?.urn]);
  });

  it("runs scripts again by another update in the state, with which secrets stay encrypted", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" };
    const state = (update: string) => ({
      version: 3,
      deployment: {
        resources: [{ urn: "a", inputs: { stdin: secret, update }, outputs: { stdin: secret, update } }, { urn: "b" }],
      },
    });
    assert.deepEqual(withStale(state("up"), ["a", "b"]), state("stale"));
    assert.deepEqual(withStale(state("up"), ["b"]), state("up"));
  });

  it("recreates the services that fail, and settles nodes without recreating anything", () => {
    assert.deepEqual(chosen(result(nodes, false), result(service("web"), true)), []);
    assert.deepEqual(chosen(result(nodes, false), result(service("web"), false)), ["web@a"]);
    const found = (...results: Result[]) => swarmSteps("s", results).map((step) => step.found);
    assert.deepEqual(found(result(nodes, true)), []);
    assert.deepEqual(found(result(nodes, false), result(service("web"), false)), [
      "nodes of the swarm: set to drain",
      "networks and services of the swarm: set to drain",
    ]);
  });
});
