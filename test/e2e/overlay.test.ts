import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { defaultSubnet } from "../../components/lib/identity.ts";
import type { Result } from "../../lab/checks/verify.ts";
import { runDoctor } from "../../lab/commands/doctor/doctor.ts";
import { explain } from "../../lab/commands/explain/explain.ts";
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
import { labCommand } from "../integration/labCommand.ts";
import { PUT_ENDPOINT_BACK, TAKE_ENDPOINT } from "../integration/storedEndpoint.ts";

const NODES = ["docker-node1", "docker-node2"] as const;

const node = (lab: Environment, index: number) => `dockernet-${lab.name}-${NODES[index]}`;
const on = (lab: Environment, index: number, ...command: string[]) =>
  run("docker", ["exec", node(lab, index), ...command]);
const found = (results: readonly Result[], id: string) => results.find(({ check }) => check.id === id)?.actual ?? "";

/** Time for all checks to pass again. */
const RECOVERY_MS = 90_000;

/** Runs `pulumi up` and sends it a signal as soon as a member of the cluster is being created; returns its output. */
const interrupted = (lab: Environment, signal: NodeJS.Signals): Promise<string> =>
  new Promise((resolve) => {
    const args = ["up", "--yes", "--skip-preview", "--stack", lab.name, "--suppress-outputs"];
    const child = spawn("pulumi", args, { cwd: PROJECT, env: { ...process.env, ...lab.env }, detached: true });
    let output = "";
    let sent = false;
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (sent || !/Command etcd-docker-node2\S* creating/.test(output)) return;
      sent = true;
      process.kill(signal === "SIGKILL" ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
    });
    child.on("exit", () => resolve(output));
  });

describe("an environment with the overlay lab, on practice nodes", function () {
  this.timeout(400_000);
  let lab: Environment;
  const networkId = () => on(lab, 0, "docker", "network", "inspect", "--format", "{{.Id}}", "demo");

  /** Checks that failed in some test. */
  const broken = new Set<string>();
  const noted = (results: readonly Result[]): string[] => {
    const failed = failures(results);
    for (const id of failed) broken.add(id);
    return failed;
  };

  before(async () => {
    lab = await makeEnvironment({ labs: ["overlay"] });
  });
  after(async () => {
    await lab.remove();
    assert.equal(existsSync(join(PROJECT, ".dockernet", "keys", lab.name)), false);
  });

  it("comes up after SIGINT stopped the first up during the etcd step", async () => {
    assert.doesNotMatch(await interrupted(lab, "SIGINT"), /Command etcd-quorum\S* created/);
    await lab.stack.up();
  });

  it("passes its checks, and a second preview shows no change", async () => {
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    assert.equal(results.length, 18);
    for (const options of [{}, { refresh: true }]) await unchanged(lab, options);
  });

  it("has no problem for lab doctor, except that two members tolerate no failure", async () => {
    const findings = await runDoctor(lab.name, lab.env);
    const [warning, ...others] = findings.filter(({ level }) => level !== "ok").map(({ on, what }) => `${on}: ${what}`);
    assert.match(warning ?? "", /^settings: 2 members tolerate 0 failures/);
    assert.deepEqual(others, []);
    for (const name of NODES) assert.ok(findings.some(({ on }) => on === name));
  });

  it("is shown by lab inspect: hosts, members, networks, containers, and endpoints on the overlay", async () => {
    const found = await inspect(lab.name, await lab.outputs());
    assert.deepEqual(
      found.map(({ host, containers }) => [host, containers.map(({ name }) => name)]),
      [
        ["this host", [node(lab, 0), node(lab, 1)]],
        [NODES[0], ["outsider", "test12"]],
        [NODES[1], ["test13"]],
      ],
    );
    const members = found.flatMap(({ member }) => (member ? [member] : []));
    assert.deepEqual(members.map(({ role }) => role).sort(), ["follower", "leader"]);
    const demo = found[1]?.networks.find(({ name }) => name === "demo");
    assert.equal(demo?.overlay?.mtu, 1450);
    assert.deepEqual(
      demo?.overlay?.fdb.map(({ host }) => host),
      [found[2]?.address],
    );
    const keys = found[1]?.keys.map(({ key }) => key) ?? [];
    assert.ok(keys.includes(`/docker/network/v1.0/network/${demo?.id}`), keys.join());
    const text = inspectTables(found);
    for (const line of [
      /^docker-node1 .*20\.10\..*etcd:\/\//m,
      /^demo +docker-node2 +overlay/m,
      /^test13 +docker-node2 +running/m,
    ]) {
      assert.match(text, line);
    }
  });

  it("has no fault for lab explain, whatever the object", async () => {
    assert.deepEqual(await accusations(lab.name, await lab.outputs()), []);
  });

  it("is explained by lab explain: the route of its containers' packets", async () => {
    const { text } = await explain(lab.name, await lab.outputs(), "test12", 80);
    assert.match(text, /^test12 is a container on docker-node1, of the lab overlay, running$/m);
    assert.match(text, /vxlan0 +VXLAN network \d+: frames leave in UDP packets to port 4789/);
    const outsider = await explain(lab.name, await lab.outputs(), "outsider", 80);
    assert.match(outsider.text, /NAT +POSTROUTING -s 172\.17\.0\.0\/16/);
  });

  it("leaves nothing of a refused duplicate behind", async () => {
    assert.equal(await on(lab, 1, "docker", "ps", "--all", "--format", "{{.Names}}"), "test13");
  });

  it("keeps private keys out of its outputs, and encrypted in its state", async () => {
    const outputs = JSON.stringify(await lab.stack.outputs());
    assert.doesNotMatch(outputs, /PRIVATE KEY/);
    assert.match(outputs, /"hostKey":"ssh-ed25519 /);
  });

  it("recovers by itself when one node restarts, with the same network", async () => {
    const before = await networkId();
    await run("docker", ["restart", node(lab, 0)]);
    await recovers(lab, RECOVERY_MS);
    assert.equal(await networkId(), before);
  });

  it("recovers by itself when one node crashes, with the same network", async () => {
    const before = await networkId();
    await run("docker", ["kill", node(lab, 1)]);
    const failed = noted(await lab.verify());
    assert.ok(failed.includes("9.3-health-docker-node1") && failed.includes("9.8-name-test13"), failed.join());
    assert.match(await faultsOf(lab, "9.8-name-test13"), /docker-node2 does not answer by SSH/);
    await run("docker", ["start", node(lab, 1)]);
    await recovers(lab, RECOVERY_MS);
    assert.equal(await networkId(), before);
  });

  it("recovers by itself when both nodes restart at once, with the same network", async () => {
    const before = await networkId();
    await run("docker", ["stop", node(lab, 0), node(lab, 1)]);
    const results = await lab.verify();
    assert.equal(noted(results).length, results.length, "nothing passes while both are off");
    await run("docker", ["start", node(lab, 0), node(lab, 1)]);
    await recovers(lab, RECOVERY_MS);
    assert.equal(await networkId(), before);
  });

  it("recovers by itself when a stop without a quorum has left a container's endpoint in the store", async () => {
    const stop = "systemctl stop docker.socket docker.service";
    const script = `${TAKE_ENDPOINT}; ${stop}; ${PUT_ENDPOINT_BACK}; systemctl start docker.service`;
    await on(lab, 1, "sh", "-c", script);
    await recovers(lab, RECOVERY_MS);
    assert.match(
      await on(lab, 1, "journalctl", "-u", "docker", "-n", "60"),
      /endpoint with name test13 already exists/,
    );
  });

  it("reports the lost quorum when a member stops, while containers still reach each other, and recovers with it", async () => {
    const unit = `dockernet-etcd-${NODES[1]}`;
    await on(lab, 1, "systemctl", "stop", unit);
    try {
      const results = await lab.verify();
      const failed = noted(results);
      assert.equal(
        found(results, "9.3-health-docker-node1"),
        "no quorum: 1 of 2 members answer docker-node1, and 2 tolerate 0 failures",
      );
      for (const id of ["9.1-version", "9.2-member-docker-node2", "9.3-health-docker-node2"]) {
        assert.ok(failed.includes(id), `${id} among ${failed.join()}`);
      }
      assert.ok(!failed.some((id) => /^9\.8-(name|full)/.test(id)), failed.join());
      assert.match(await faultsOf(lab, "9.2-member-docker-node2"), /no etcd runs on docker-node2/);
      assert.match(
        await faultsOf(lab, "9.3-health-docker-node1"),
        /the member docker-node2 does not answer docker-node1/,
      );
    } finally {
      await on(lab, 1, "systemctl", "start", unit);
    }
    await recovers(lab, RECOVERY_MS);
  });

  it("detects an engine without its store, and with it again", async () => {
    const dropIn = "/etc/systemd/system/docker.service.d/zz-dockernet-cluster-store.conf";
    const restart = "systemctl daemon-reload; systemctl restart docker";
    await on(lab, 1, "sh", "-c", `mv ${dropIn} /root/; ${restart}`);
    try {
      const failed = noted(await lab.verify());
      for (const id of ["9.4-store-docker-node2", "9.5-shared", "9.6-stored-docker-node2", "9.7-duplicate"]) {
        assert.ok(failed.includes(id), `${id} among ${failed.join()}`);
        assert.match(await faultsOf(lab, id), /the engine of docker-node2 has no cluster store/);
      }
    } finally {
      await on(lab, 1, "sh", "-c", `mv /root/${basename(dropIn)} ${dropIn}; ${restart}`);
    }
    await recovers(lab, RECOVERY_MS);
  });

  it("detects an outsider that was connected to the network, and nothing else", async () => {
    await on(lab, 0, "docker", "network", "connect", "demo", "outsider");
    assert.deepEqual(noted(await lab.verify()), ["9.8-outsider"]);
    assert.match(await faultsOf(lab, "9.8-outsider"), /the container outsider is on the network demo, too/);
    await on(lab, 0, "docker", "network", "disconnect", "demo", "outsider");
    assert.deepEqual(failures(await lab.verify()), []);
  });

  it("detects a network that etcd has lost", async () => {
    const id = await networkId();
    const etcdctl = ["env", "ETCDCTL_API=2", "etcdctl"];
    const key = `/docker/network/v1.0/network/${id}/`;
    const value = await on(lab, 0, ...etcdctl, "get", key);
    await on(lab, 0, ...etcdctl, "set", key, value.replaceAll(id, id.replace(/./g, "0")));
    const failed = noted(await lab.verify());
    const told = await faultsOf(lab, "9.6-stored-docker-node1");
    await on(lab, 0, ...etcdctl, "set", key, value);
    assert.match(told, /etcd has no key with the id that the engine of docker-node1 shows for demo/);
    for (const each of NODES) assert.ok(failed.includes(`9.6-stored-${each}`), failed.join());
    await recovers(lab, RECOVERY_MS);
  });

  it("is restored from a backup after all members lost their data, with the same network", async () => {
    const before = await networkId();
    const folder = mkdtempSync(join(tmpdir(), "dockernet-backup-"));
    const file = join(folder, "etcd.tar");
    const backup = await labCommand(lab, "backup", file);
    assert.equal(backup.code, 0, backup.stderr);
    const refused = await labCommand(lab, "restore", file, "--yes");
    assert.match(refused.stdout, /Risk: the cluster is healthy .*Nothing changed: pass --overwrite/s);
    const lose = (index: number) => {
      const unit = `dockernet-etcd-${NODES[index]}`;
      const script = `systemctl stop ${unit}; rm -r /var/lib/private/${unit}/data; systemctl start --no-block ${unit}`;
      return on(lab, index, "sh", "-c", script);
    };
    await Promise.all([lose(0), lose(1)]);
    const { code, stdout, stderr } = await labCommand(lab, "restore", file, "--yes");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, / restored: 18 passed, 0 failed/);
    assert.equal(await networkId(), before);
    await unchanged(lab, { refresh: true });
    rmSync(folder, { recursive: true });
  });

  it("recreates a container that was removed by hand, once the engine has no thread in its network namespace", async () => {
    await on(lab, 0, "docker", "rm", "--force", "test12");
    const failed = noted(await lab.verify());
    assert.ok(failed.includes("9.7-duplicate") && failed.includes("9.8-name-test12"), failed.join());
    assert.match(await faultsOf(lab, "9.8-name-test12"), /there is no container test12 on docker-node1/);
    const { code, stdout } = await labCommand(lab, "recover", "--yes");
    assert.match(stdout, /^1\. the engine of docker-node1 has a thread in a network namespace that is gone/m);
    assert.match(stdout, / recovered: \d+ passed, 0 failed/);
    assert.equal(code, 0);
  });

  it("had every check fail in at least one of these tests", async () => {
    const ids = (await lab.verify()).map(({ check }) => check.id);
    assert.deepEqual(
      ids.filter((id) => !broken.has(id)),
      [],
    );
  });

  it("is repaired by lab recover after a node was removed by hand", async () => {
    await run("docker", ["rm", "--force", "--volumes", node(lab, 1)]);
    const { code, stdout, stderr } = await labCommand(lab, "recover", "--yes");
    assert.match(stdout, / recovered: \d+ passed, 0 failed/, stdout + stderr);
    assert.equal(code, 0);
  });

  it("passes its checks on another LAN, where the nodes are replaced, and then shows no change", async () => {
    lab.settle({ labs: ["overlay"], overlay: { subnet: defaultSubnet({ project: "dockernet", stack: lab.name }, 9) } });
    await lab.stack.up();
    assert.deepEqual(failures(await lab.verify()), []);
    await unchanged(lab, { refresh: true });
  });

  it("is destroyed without a node that was removed by hand", async () => {
    await run("docker", ["rm", "--force", "--volumes", node(lab, 1)]);
    await lab.stack.destroy();
    assert.deepEqual(await lab.objects(), []);
  });

  it("is brought up by lab recover after SIGKILL stopped an up during the etcd step, and then shows no change", async () => {
    assert.doesNotMatch(await interrupted(lab, "SIGKILL"), /Command etcd-quorum\S* created/);
    // The killed run leaves its lock, pending operations, and once in many runs an empty state.
    const { code, stdout, stderr } = await labCommand(lab, "recover", "--yes");
    assert.match(stdout, / recovered: \d+ passed, 0 failed/, stdout + stderr);
    assert.equal(code, 0);
    await unchanged(lab);
  });
});
