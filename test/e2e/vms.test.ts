import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, failures, makeEnvironment, unchanged } from "../integration/environment.ts";
import { makePracticeNodes, type PracticeNodes } from "../practiceNodes.ts";

/** Everything that a lab could leave on a host. */
const TRACES = `ls -d /etc/systemd/system/*etcd* /etc/systemd/system/docker.service.d /var/lib/dockernet* /var/lib/private \
  /usr/local/etcd* /var/log/dockernet* /etc/dockernet* /run/dockernet* /etc/docker/daemon.json* /root/.dockernet* 2>/dev/null
  pgrep -a etcd; tr '\\0' ' ' </proc/$(pidof dockerd)/cmdline; docker ps --all --quiet; docker images --quiet
  docker network ls --format '{{.Name}}'; docker info --format '{{.ClusterStore}} {{.LiveRestoreEnabled}}' 2>/dev/null; ip -o link show | cut -d: -f 2`;
/** The second round shows leftovers of the first; ROUNDS=10 finds intermittent failures. */
const ROUNDS = Number(process.env.ROUNDS ?? 2);

describe("an environment with the overlay lab, on existing hosts", function () {
  this.timeout(900_000);
  const name = `dockernet-vms-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-vms-"));
  const keyFile = join(work, "keys", "id_ed25519");
  const configFile = join(work, "ssh-config");
  const names = ["docker-node1", "docker-node2", "spare"] as const;
  let nodes: PracticeNodes;
  let lab: Environment;
  let hosts: Record<string, unknown>[];
  let clean: string[];

  const traces = () => nodes.onEach(TRACES);
  const settle = (change: (host: Record<string, unknown>, index: number) => Record<string, unknown> = (host) => host) =>
    lab.settle({ labs: ["overlay"], hosts: hosts.map(change) });

  before(async () => {
    // One host more than the lab uses.
    nodes = await makePracticeNodes({ name, subnet, work, names, keyFile });
    clean = await traces();
    const { addresses, hostKeys } = nodes;
    // The second host is described like Vagrant does: `vagrant ssh-config`.
    writeFileSync(configFile, `Host docker-node2\n  HostName ${addresses[1]}\n  User lab\n  IdentityFile ${keyFile}\n`);
    hosts = [
      { name: names[0], address: addresses[0], hostKey: hostKeys[0], user: "lab", keyFile, sudo: true },
      { name: names[1], address: addresses[1], hostKey: hostKeys[1], sshConfig: configFile, sudo: true },
    ];
    lab = await makeEnvironment();
    settle();
  });
  after(async () => {
    await lab.remove();
    await nodes.remove();
    rmSync(work, { recursive: true });
  });

  it("refuses settings without SSH access, before anything is created", async () => {
    const wrong: readonly [Record<string, unknown>, RegExp][] = [
      [{ keyFile: join(work, "none") }, /hosts\.0\.keyFile: ENOENT: no such file or directory, open/],
      [{ keyFile: undefined }, /hosts\.0\.keyFile: expected the path of a private key, or one in the ssh agent/],
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

  it("passes its checks as a user with sudo, over SSH alone, and a second preview shows no change", async () => {
    await lab.stack.up();
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    assert.equal(results.length, 20);
    await unchanged(lab);
  });

  it("moves to another host when a host's address changes, and restores the old one", async () => {
    const spare = { address: nodes.addresses[2], hostKey: nodes.hostKeys[2] };
    settle((host, index) => (index === 0 ? { ...host, ...spare } : host));
    await lab.stack.up();
    assert.deepEqual(failures(await lab.verify()), []);
    assert.equal((await traces())[0], clean[0]);
    settle();
    await lab.stack.up();
    assert.deepEqual(failures(await lab.verify()), []);
    assert.equal((await traces())[2], clean[2]);
  });

  it(`restores the hosts to their previous state, ${ROUNDS} times, and never meets data of an earlier round`, async () => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      if (round > 1) await lab.stack.up();
      await lab.stack.destroy();
      assert.deepEqual(await traces(), clean, `round ${round}`);
    }
  });
});
