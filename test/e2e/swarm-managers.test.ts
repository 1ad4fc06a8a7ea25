import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { verify } from "../../lab/checks/verify.ts";
import { run } from "../../toolchain/run.ts";
import { type Environment, failures, faultsOf, makeEnvironment, unchanged } from "../integration/environment.ts";
import { labCommand, recovered } from "../integration/labCommand.ts";

const NODES = [1, 2, 3] as const;
type Node = (typeof NODES)[number];
/** The end of an `up` that neither creates nor replaces nor deletes anything. */
const ONLY_UPDATED = /^Resources:\n +~ \d+ updated\n +\d+ unchanged$/m;

/** How engines elect, and what they keep without a majority, no mock knows: so these are real engines, with nothing on them. */
describe("the managers of a swarm on three practice nodes", function () {
  this.timeout(400_000);
  let lab: Environment;
  let kept: string[];
  const container = (node: Node) => `dockernet-${lab.name}-docker-node${node}`;
  const on = (node: Node, ...command: string[]) => run("docker", ["exec", container(node), ...command]);
  const settle = (managers: number) => lab.settle({ labs: ["swarm"], swarm: { nodes: 3, managers, services: false } });
  const green = async () => assert.deepEqual(failures(await lab.verify()), []);
  /** Removes hosts with all their data. */
  const lose = async (...nodes: Node[]) => {
    await run("docker", ["rm", "--force", ...nodes.map(container)]);
    await run("docker", ["volume", "rm", ...nodes.map((node) => `${container(node)}-docker`)]);
  };
  const nodesFrom = async (node: Node) => {
    const listed = await on(node, "docker", "node", "ls", "--format", "{{.Hostname}} {{.Status}} {{.ManagerStatus}}");
    return listed.replaceAll("Leader", "Reachable").split("\n").sort();
  };
  const ALL = NODES.map((node) => `docker-node${node} Ready Reachable`);
  /** Ids of what the swarm keeps, the service of a user's own among it. */
  const keptBy = async (node: Node) => [
    await on(node, "docker", "network", "inspect", "--format", "{{.Id}}", "demo"),
    await on(node, "docker", "service", "inspect", "--format", "{{.ID}} {{.Spec.Labels}}", "mine"),
  ];
  /** Waits until the check of the nodes says so; the managers notice a loss after some seconds. */
  const nodesSay = async (expected: string) => {
    const { checks, hosts } = await lab.outputs();
    const own = checks.filter(({ kind }) => kind === "swarmNodes");
    let actual: string | undefined;
    for (const end = Date.now() + 60_000; actual !== expected && Date.now() < end; await setTimeout(500)) {
      [actual] = (await verify({ checks: own, hosts })).map((result) => result.actual);
    }
    assert.equal(actual, expected);
  };

  before(async () => {
    lab = await makeEnvironment();
    settle(1);
    await lab.stack.up();
  });
  after(() => lab.remove());

  it("one becomes three in one up, in which nothing is replaced", async () => {
    settle(3);
    const { stdout } = await lab.stack.up();
    assert.match(stdout, ONLY_UPDATED);
    await green();
    await unchanged(lab);
    assert.deepEqual(await nodesFrom(2), ALL);
    const image = await on(1, "docker", "inspect", "--format", "{{.Image}}", "outsider");
    await on(
      1,
      "docker",
      "service",
      "create",
      "--detach",
      "--name=mine",
      "--label=owner=me",
      "--no-resolve-image",
      image,
    );
    kept = await keptBy(1);
  });

  it("the first one is lost with its data: the others say so, and it joins them again", async () => {
    await lose(1);
    await nodesSay("docker-node1 is down, docker-node1 is unreachable");
    assert.match(
      await faultsOf(lab, "11.1-nodes"),
      /the engine of docker-node1 does not answer the managers of the swarm/,
    );
    assert.match(await recovered(lab), /docker-node1 joins the swarm again through another manager/);
    assert.deepEqual(await nodesFrom(1), ALL);
    assert.deepEqual(await keptBy(1), kept);
  });

  it("two are lost with their data: the last one goes on alone, and they join it again", async () => {
    await lose(2, 3);
    const noQuorum = "the managers of the swarm have no quorum: 1 of 3 answer (docker-node1), 2 must";
    await nodesSay(noQuorum);
    assert.match(await faultsOf(lab, "11.1-nodes"), new RegExp(noQuorum.replace(/[()]/g, "\\$&")));
    const copies = () => on(1, "sh", "-c", "ls -d /var/lib/docker/dockernet-swarm/before-*/raft 2>/dev/null || :");
    const plan = await labCommand(lab, "recover", "--dry-run");
    assert.match(
      plan.stdout,
      /docker-node2, docker-node3 lost their data[\s\S]* docker swarm init --force-new-cluster/,
    );
    assert.equal(await copies(), "");
    await recovered(lab);
    assert.match(await copies(), /^\S+$/);
    assert.deepEqual(await nodesFrom(1), ALL);
    assert.deepEqual(await keptBy(1), kept);
  });

  it("three become one", async () => {
    settle(1);
    const { stdout } = await lab.stack.up();
    assert.match(stdout, ONLY_UPDATED);
    await green();
    await unchanged(lab);
    assert.deepEqual(await keptBy(1), kept);
  });
});
