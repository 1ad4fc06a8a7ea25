import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { hostAddress } from "../../components/lib/cidr.ts";
import { PracticeNode } from "../../components/practice-node/PracticeNode.ts";
import { ServiceImage } from "../../components/ServiceImage.ts";
import { SshKey } from "../../components/ssh-key/SshKey.ts";
import { imageSource } from "../../stacks/images.ts";
import { run } from "../../toolchain/run.ts";
import { type Environment, failures, makeEnvironment } from "../integration/environment.ts";

/** All that a lab could leave on a machine. */
const TRACES = `ls -d /etc/systemd/system/*etcd* /etc/systemd/system/docker.service.d /var/lib/dockernet* /var/lib/private \
  /usr/local/etcd* /var/log/dockernet* /run/dockernet* /etc/docker/daemon.json* /root/.dockernet* 2>/dev/null
  pgrep -a etcd; tr '\\0' ' ' </proc/$(pidof dockerd)/cmdline; docker ps --all --quiet; docker images --quiet
  docker network ls --format '{{.Name}}'; docker info --format '{{.ClusterStore}} {{.LiveRestoreEnabled}}' 2>/dev/null; ip -o link show | cut -d: -f 2`;
const ROUNDS = 10;

describe("an environment with the overlay lab, on machines that are there already", function () {
  this.timeout(900_000);
  const name = `dockernet-vms-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-vms-"));
  const keyFile = join(work, "keys", "id_ed25519");
  const configFile = join(work, "ssh-config");
  const names = ["docker-node1", "docker-node2"] as const;
  let machines: Stack;
  let lab: Environment;
  let hosts: Record<string, unknown>[];
  let clean: string[];

  /** Two machines that know nothing of the lab: made by a stack of their own, which hands over how to get in. */
  const program: PulumiFn = async () => {
    const labels = { "dockernet.test": name };
    const lan = new BridgeNetwork("lan", { networkName: name, subnet, labels });
    const origin = process.env.DOCKERNET_IMAGES === "official" ? "official" : "debian";
    const image = new ServiceImage("node", { source: imageSource("node", origin) }).imageId;
    const userKey = new SshKey("user-key", { file: keyFile });
    const node = (index: 0 | 1, after?: PracticeNode) =>
      new PracticeNode(names[index], {
        image,
        network: lan.networkName,
        userKey,
        labels,
        containerName: `${name}-${index + 1}`,
        hostname: names[index],
        address: hostAddress(subnet, index + 11),
        volumeName: `${name}-${index + 1}`,
        after: after?.host.machine,
      });
    const first = node(0);
    return Object.fromEntries([first, node(1, first)].map(({ host }, i) => [names[i], host.connection.hostKey]));
  };
  const traces = () =>
    Promise.all([1, 2].map((number) => run("docker", ["exec", `${name}-${number}`, "sh", "-c", TRACES])));
  const settle = (change: (host: Record<string, unknown>, index: number) => Record<string, unknown> = (host) => host) =>
    lab.settle({ labs: ["overlay"], hosts: hosts.map(change) });

  before(async () => {
    machines = await LocalWorkspace.createStack(
      { stackName: "machines", projectName: "vms", program },
      { workDir: work, envVars: { PULUMI_BACKEND_URL: `file://${work}`, PULUMI_CONFIG_PASSPHRASE: "test" } },
    );
    const { outputs } = await machines.up();
    clean = await traces();
    const [address1, address2] = [hostAddress(subnet, 11), hostAddress(subnet, 12)];
    // The second one as Vagrant would describe it: `vagrant ssh-config`.
    writeFileSync(configFile, `Host docker-node2\n  HostName ${address2}\n  User lab\n  IdentityFile ${keyFile}\n`);
    const key = (index: 0 | 1) => outputs[names[index]]?.value as string;
    hosts = [
      { name: names[0], address: address1, hostKey: key(0), user: "lab", keyFile, sudo: true },
      { name: names[1], address: address2, hostKey: key(1), sshConfig: configFile, sudo: true },
    ];
    lab = await makeEnvironment();
    settle();
  });
  after(async () => {
    await lab.remove();
    await machines.destroy();
    rmSync(work, { recursive: true });
  });

  it("refuses settings that let nobody in, before anything is made", async () => {
    const wrong: readonly [Record<string, unknown>, RegExp][] = [
      [{ keyFile: join(work, "none") }, /hosts\.0\.keyFile: ENOENT: no such file or directory, open/],
      [{ keyFile: undefined }, /hosts\.0\.keyFile: expected the path of a private key/],
      [{ sshConfig: join(work, "none") }, /hosts\.0\.sshConfig: ENOENT/],
      [{ hostKey: "ssh-rsa AAAA" }, /hosts\.0\.hostKey: expected ssh-ed25519 and the key, got "ssh-rsa AAAA"/],
      [{ name: names[1] }, /hosts: expected each name once/],
    ];
    for (const [change, message] of wrong) {
      settle((host, index) => (index === 0 ? { ...host, ...change } : host));
      await assert.rejects(lab.stack.up(), message);
    }
    assert.deepEqual(await traces(), clean);
    settle();
  });

  it("does what the lab says as a user with sudo, over SSH alone, and a second preview shows no change", async () => {
    await lab.stack.up();
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    assert.equal(results.length, 18);
    const { changeSummary } = await lab.stack.preview();
    assert.deepEqual(Object.keys(changeSummary), ["same"], JSON.stringify(changeSummary));
  });

  it(`leaves the machines as they were, ${ROUNDS} times over, and never meets data of the time before`, async () => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      if (round > 1) await lab.stack.up();
      await lab.stack.destroy();
      assert.deepEqual(await traces(), clean, `round ${round}`);
    }
  });
});
