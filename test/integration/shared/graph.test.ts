import assert from "node:assert/strict";
import { liveModel } from "../../../lab/commands/graph/liveModel.ts";
import type { Model } from "../../../lab/commands/graph/model.ts";
import { here } from "../../../lab/host/sessions.ts";
import { PROJECT } from "../../../toolchain/environment.ts";
import { run } from "../../../toolchain/run.ts";
import type { Environment } from "../environment.ts";
import { sharedEnvironment } from "./environment.ts";

describe("lab graph", function () {
  this.timeout(120_000);
  let environment: Environment;
  const name = (base: string) => `dockernet-${environment.name}-${base}`;
  const look = async () => liveModel(environment.name, await environment.outputs());
  const find = (model: Model, id: string) => [...model.nodes, ...model.links].find((part) => part.id === id);
  const cable = (base: string, network: string) => `veth:container:${name(base)}->network:${network}`;

  before(async () => {
    environment = await sharedEnvironment();
  });

  it("shows addresses, veth pairs and bridges of the engine and the kernel", async () => {
    const model = await look();
    const broken = [...model.nodes, ...model.links].filter(({ state }) => state !== "up");
    assert.deepEqual(
      broken.map(({ id, state }) => [id, state]),
      [],
    );
    const [containers, networks] = [await here().containers(), await here().networks()];
    const { live } = find(model, cable("peer5", name("bridge-net"))) ?? { live: {} as Record<string, string> };
    assert.equal(live.fromAddress, containers.get(name("peer5"))?.addresses[name("bridge-net")]);
    assert.ok(live.fromAddress);
    const ports = await run("ip", ["-o", "link", "show", "master", networks.get(name("bridge-net"))?.bridge ?? ""]);
    assert.match(ports, new RegExp(`: ${live.toInterface}@`));
    assert.match(live.rxPackets ?? "", /^\d+$/);
    assert.equal(find(model, "network:bridge")?.live.gateway, networks.get("bridge")?.gateway);
    assert.equal(model.checks.length, (await environment.outputs()).checks.length);
  });

  it("shows stopped, missing and unexpected objects, and the route on which a ping fails", async () => {
    const [network, stranger] = [name("ports-net"), name("stranger")];
    const labels = Object.entries({ "dockernet.project": "dockernet", "dockernet.stack": environment.name });
    const flags = labels.flatMap(([key, value]) => ["--label", `${key}=${value}`]);
    const image = (await run("docker", ["inspect", "--format", "{{.Image}}", name("test5")])).trim();
    await run("docker", ["stop", "--time", "0", name("peer6")]);
    await run("docker", ["rm", "--force", name("web")]);
    await run("docker", ["run", "--detach", "--name", stranger, "--network", network, ...flags, image, "sleep", "600"]);
    try {
      const model = await look();
      assert.equal(find(model, `container:${name("peer6")}`)?.state, "down");
      assert.equal(find(model, cable("peer6", name("bridge-net")))?.state, "down");
      assert.equal(find(model, `container:${name("web")}`)?.state, "missing");
      const port = model.nodes.find(({ kind }) => kind === "port");
      assert.equal(port?.state, "down");
      assert.ok(find(model, `publish:${port?.id}->container:${name("web")}`)?.failed.includes("6.2-http"));
      assert.equal(find(model, `container:${stranger}`)?.state, "unexpected");
      assert.equal(find(model, cable("stranger", network))?.state, "unexpected");
      assert.equal(find(model, `container:${name("peer5")}`)?.state, "up");
      // The checks have sent packets before.
      assert.ok(Number(find(model, cable("peer5", name("bridge-net")))?.live.txPackets) > 0);
      const args = ["graph", environment.name, "--live", "--lab", "ports", "--format", "dot"];
      await assert.rejects(run("lab", args, { cwd: PROJECT, env: environment.env }), (error: { stdout?: string }) =>
        /failed: 6\.2-published/.test(String(error.stdout)),
      );
    } finally {
      await run("docker", ["rm", "--force", stranger]);
      await environment.stack.up({ refresh: true });
    }
  });

  it("draws from the state alone if no engine runs", async () => {
    const env = { ...environment.env, DOCKER_HOST: "unix:///nowhere" };
    const drawn = await run("lab", ["graph", environment.name, "--format", "mermaid"], { cwd: PROJECT, env });
    assert.match(drawn, /^flowchart LR\n/);
    for (const base of ["test5", "web", "ports-net"]) assert.ok(drawn.includes(`<b>${name(base)}</b>`), base);
  });
});
