import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
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
import { makeFilesStack } from "../swarmFiles.ts";
import { assertBounded, assertCounted, roundTable, underLoad } from "../swarmLoad.ts";

const NODES = ["docker-node1", "docker-node2"] as const;

describe("an environment with the swarm lab, on practice nodes of Debian 13", function () {
  this.timeout(400_000);
  let lab: Environment;
  const on = (index: number, ...command: string[]) =>
    run("docker", ["exec", `dockernet-${lab.name}-${NODES[index]}`, ...command]);
  const hits = async () => Number(/seen (\d+) times/.exec(await on(0, "curl", "-s", "http://127.0.0.1:5000/"))?.[1]);
  /** What happens to the hit counter while 200 clients use it; none is silent for longer. */
  const loaded = async (what: string, silentSec: number, disturb: () => Promise<unknown>) => {
    const { hosts } = await lab.outputs();
    const urls = NODES.map((name) => `http://${hosts[name]?.address}:5000/`);
    const redis = "docker exec $(docker ps -q --filter label=com.docker.swarm.service.name=redis) redis-cli get hits";
    const round = await underLoad({ urls, hits: async () => Number(await on(0, "sh", "-c", redis)) }, disturb);
    console.log(roundTable(what, round).replace(/^/gm, "      "));
    assertCounted(round);
    assertBounded(round, silentSec);
  };
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

  it("gives a task a secret and a config, replaces both by a change, and removes them with their service", async () => {
    const { hosts } = await lab.outputs();
    const clusterId = await on(0, "docker", "info", "--format", "{{.Swarm.Cluster.ID}}");
    const image = await on(0, "docker", "inspect", "--format", "{{.Image}}", "outsider");
    const files = await makeFilesStack(hosts[NODES[0]] ?? assert.fail(), { serviceName: "files", clusterId, image });
    const kept = (kind: string) => on(0, "docker", kind, "ls", "--format", "{{.Name}}");
    const inTask = (command: string) =>
      on(0, "sh", "-c", `docker exec $(docker ps -q --filter label=com.docker.swarm.service.name=files) ${command}`);
    const read = () =>
      inTask("sh -c 'cat /run/secrets/password /etc/site.conf; stat -c %a:%u:%g /run/secrets/password'");
    const up = (password: string) =>
      files.up({
        secrets: [{ name: "password", content: password, mode: "0440", uid: 65534 }],
        configs: [{ name: "site.conf", content: `of ${password}\n`, target: "/etc/site.conf" }],
      });
    try {
      const said = [await up("first-one\n"), await read(), await kept("secret")];
      assert.equal(said[1], "first-one\nof first-one\n\n440:65534:0");
      assert.match(said[2] ?? "", /^files\.password\.[0-9a-f]{12}$/);
      said.push(await up("second-one\n"));
      assert.equal(await read(), "second-one\nof second-one\n\n440:65534:0");
      const [secrets, configs] = [await kept("secret"), await kept("config")];
      assert.match(secrets, /^files\.password\.[0-9a-f]{12}$/);
      assert.match(configs, /^files\.site\.conf\.[0-9a-f]{12}$/);
      assert.notEqual(secrets, said[2], "another content has another name");
      const shown = `${said[0]}${said[3]}${await files.state()}`;
      for (const content of ["first-one", "second-one"]) {
        for (const each of [content, Buffer.from(`${content}\n`).toString("base64")]) assert.ok(!shown.includes(each));
      }
    } finally {
      await files.remove();
    }
    assert.equal(`${await kept("secret")}${await kept("config")}`, "");
  });

  it("answers the clients of a load balancer while web is updated, and counts every hit", () =>
    loaded("rolling update", 60, async () => {
      lab.settle({ labs: ["swarm"], swarm: { environment: { RELEASE: "2" } } });
      assert.match((await lab.stack.up()).stdout, /~ 1 updated/);
    }));

  it("answers them while the engine of a worker is killed and comes back, and counts every hit", async () => {
    const running = ["docker", "service", "ps", "--quiet", "--filter", "desired-state=running", "web"];
    const { checks, hosts } = await lab.outputs();
    const own = checks.filter(({ kind, id }) => kind.startsWith("swarm") || id.startsWith("11.6-published"));
    const before = await on(0, ...running);
    await loaded("engine of a worker killed", 120, async () => {
      await on(1, "sh", "-c", "kill -9 $(pidof dockerd)");
      const end = Date.now() + 120_000;
      while ((await on(0, ...running)) === before || failures(await verify({ checks: own, hosts })).length > 0) {
        assert.ok(Date.now() < end, "not all replicas answer again");
        await setTimeout(500);
      }
    });
    // The engine stopped it when it came back, and takes that for the will of a user (unless-stopped).
    await on(1, "docker", "start", "test13");
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
    assert.match(
      said,
      /docker node update gives each node its role and labels again[\s\S]*recreates those that still fail/,
    );
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
