import assert from "node:assert/strict";
import { verify } from "../../lab/checks/verify.ts";
import { runDoctor } from "../../lab/commands/doctor/doctor.ts";
import { inspect, inspectTables } from "../../lab/commands/inspect/inspect.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { run } from "../../toolchain/run.ts";
import { accusations } from "../integration/accusations.ts";
import {
  type Environment,
  failures,
  faultsOf,
  makeEnvironment,
  recovers,
  unchanged,
} from "../integration/environment.ts";
import { recovered } from "../integration/labCommand.ts";

const NODES = ["docker-node1", "docker-node2"] as const;

describe("an environment with the swarm lab, on practice nodes of Debian 13", function () {
  this.timeout(400_000);
  let lab: Environment;
  const on = (index: number, ...command: string[]) =>
    run("docker", ["exec", `dockernet-${lab.name}-${NODES[index]}`, ...command]);
  const hits = async () => Number(/seen (\d+) times/.exec(await on(0, "curl", "-s", "http://127.0.0.1:5000/"))?.[1]);
  before(async () => {
    lab = await makeEnvironment({ labs: ["swarm"] });
    await lab.stack.up();
  });
  after(() => lab.remove());

  it("passes its checks, those of the lab overlay among them, and a second preview shows no change", async () => {
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    assert.equal(results.length, 20);
    await unchanged(lab, { refresh: true });
  });

  it("has no problem for lab doctor, which says what the kernel has not", async () => {
    const findings = await runDoctor(lab.name, lab.env);
    assert.deepEqual(
      findings.filter(({ level }) => level !== "ok").map(({ on: where, what }) => `${where}: ${what}`),
      [],
    );
    assert.ok(findings.some(({ id, what }) => id === "kernel-feature" && /ip_vs/.test(what)));
  });

  it("is shown by lab inspect, with the tasks of its services", async () => {
    const text = inspectTables(await inspect(lab.name, await lab.outputs()));
    for (const line of [
      /^docker-node1 .*26\.1\./m,
      /^web\S* +docker-node2 +healthy/m,
      /^demo +docker-node2 +overlay/m,
    ]) {
      assert.match(text, line);
    }
  });

  it("has no fault for lab explain, whatever the object", async () => {
    assert.deepEqual(await accusations(lab.name, await lab.outputs()), []);
  });

  it("keeps the token of the swarm out of its outputs and its state", async () => {
    const token = await on(0, "docker", "swarm", "join-token", "--quiet", "worker");
    const state = await run("pulumi", ["stack", "export", "--stack", lab.name], { cwd: PROJECT, env: lab.env });
    assert.match(state, /swarm-docker-node2/);
    for (const text of [state, JSON.stringify(await lab.stack.outputs())]) assert.ok(!text.includes(token));
  });

  it("replaces a task that was killed, with the hits that were counted", async () => {
    const before = await hits();
    await on(0, "sh", "-c", "docker kill $(docker ps --quiet --filter label=com.docker.swarm.service.name=redis)");
    await recovers(lab, 60_000);
    assert.ok((await hits()) > before);
  });

  it("detects an outsider on the network, and a second test12, which it does not remove", async () => {
    await on(0, "docker", "network", "connect", "demo", "outsider");
    await on(1, "sh", "-c", "docker run --detach --name test12 $(docker inspect --format '{{.Image}}' test13)");
    const failed = failures(await lab.verify());
    await on(0, "docker", "network", "disconnect", "demo", "outsider");
    await on(1, "docker", "rm", "--force", "test12");
    assert.deepEqual(failed, ["9.8-outsider", "11.3-namesake"]);
  });

  it("explains a service that was scaled and a node that was drained by hand, and recovers both", async () => {
    await on(0, "docker", "service", "scale", "--detach", "web=1");
    await on(0, "docker", "node", "update", "--availability", "drain", NODES[1]);
    const { checks, hosts } = await lab.outputs();
    const own = checks.filter(({ kind }) => kind === "swarmNodes" || kind === "swarmService");
    assert.deepEqual(failures(await verify({ checks: own, hosts })), ["11.1-nodes", "11.4-web"]);
    assert.match(await faultsOf(lab, "11.1-nodes"), /docker-node2 is set to drain, so it takes no tasks/);
    assert.match(
      await faultsOf(lab, "11.4-web"),
      /the service web is to have 1 tasks, the lab 2: it was scaled by hand/,
    );
    const said = await recovered(lab);
    assert.match(said, /docker node update gives each node its role again[\s\S]*recreates those that still fail/);
  });

  it("recovers the network and the services, all removed by hand, and keeps the hits", async () => {
    const before = await hits();
    await on(1, "docker", "rm", "--force", "test13");
    await on(0, "sh", "-c", "docker rm --force test12; docker service rm web redis");
    // An engine has it for a while after the managers have not.
    const gone = "docker network rm demo; ! docker network inspect demo";
    await on(0, "sh", "-c", `for i in $(seq 80); do if ${gone}; then exit; fi; sleep 0.5; done 2>&1; exit 1`);
    assert.match(await faultsOf(lab, "11.4-web"), /the managers have no service web: it was removed/);
    assert.match(await recovered(lab), /there is no network demo/);
    assert.ok((await hits()) > before);
  });

  it("recovers a worker whose container was removed: it is the same node, with its tasks", async () => {
    const id = () => on(0, "docker", "node", "inspect", "--format", "{{.ID}}", NODES[1]);
    const before = await id();
    await run("docker", ["rm", "--force", `dockernet-${lab.name}-${NODES[1]}`]);
    assert.match(await recovered(lab), /practice nodes that do not run: docker-node2/);
    assert.equal(await id(), before);
  });
});
