import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeLeftovers } from "../../lab/commands/sweep/remove.ts";
import { findLeftovers } from "../../lab/commands/sweep/survey.ts";
import { type Environment, makeEnvironment } from "../integration/environment.ts";
import { type Machines, makeMachines } from "../machines.ts";

/** Everything that a lab could leave on a host, except its image, which stays. */
const TRACES = `ls -d /etc/systemd/system/*etcd* /etc/systemd/system/docker.service.d /var/lib/dockernet* /var/lib/private \
  /usr/local/etcd* /etc/docker/daemon.json* 2>/dev/null
  pgrep -a etcd; tr '\\0' ' ' </proc/$(pidof dockerd)/cmdline; docker ps --all --quiet; docker network ls --format '{{.Name}}'
  docker info --format '{{.ClusterStore}}' 2>/dev/null; ls /run/netns 2>/dev/null || :`;
/** Objects that look like a lab's: a member and a token without a mark, and a member of another environment. */
const LOOK_ALIKES = `mkdir -p /var/lib/dockernet-etcd-other /var/lib/dockernet-etcd-unmarked
  echo dockernet/other >/var/lib/dockernet-etcd-other/owner; echo t >/var/lib/dockernet-etcd-x.token
  printf '[Service]\\nExecStart=/bin/true\\n' >/etc/systemd/system/dockernet-etcd-unmarked.service`;

describe("lab sweep on a user's host whose environment has lost its state", function () {
  this.timeout(600_000);
  const name = `dockernet-sweep-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-sweep-"));
  const keyFile = join(work, "keys", "id_ed25519");
  const machine = "docker-node1";
  let machines: Machines;
  let lab: Environment;
  let clean: string[];

  const traces = () => machines.onEach(TRACES);
  const left = async () => (await findLeftovers(lab.name, lab.env)).map(({ kind, name: what }) => `${kind} ${what}`);

  before(async () => {
    machines = await makeMachines({ name, subnet, work, names: [machine], keyFile, readyTimeoutSec: 180 });
    await machines.onEach(LOOK_ALIKES);
    clean = await traces();
    const [address, hostKey] = [machines.addresses[0], machines.hostKeys[0]];
    const host = { name: machine, address, hostKey, user: "lab", keyFile, sudo: true };
    lab = await makeEnvironment({
      labs: ["overlay", "namespaces"],
      hosts: [host],
      namespaces: { host: machine },
    });
    await lab.stack.up();
  });
  after(async () => {
    await lab.remove();
    await machines.remove();
    rmSync(work, { recursive: true });
  });

  it("finds nothing while the state knows everything", async () => {
    assert.deepEqual(await left(), []);
  });

  it("finds units, data and drop-in by their marks, and restores the host to its previous state", async () => {
    const { deployment, ...rest } = await lab.stack.exportStack();
    await lab.stack.importStack({ ...rest, deployment: { ...deployment, resources: [] } });
    const leftovers = await findLeftovers(lab.name, lab.env);
    assert.deepEqual(
      leftovers.map(({ kind, name: what, host }) => `${kind} ${what} ${host}`),
      [
        ...["outsider", "test12"].map((each) => `container ${each} ${machine}`),
        `network demo ${machine}`,
        ...[1, 2].map((each) => `namespace dockernet-${lab.name}-test${each} ${machine}`),
        `cluster store docker.service ${machine}`,
        `etcd member ${machine} ${machine}`,
        `etcd token ${machine} ${machine}`,
      ],
    );
    const removals = await removeLeftovers(leftovers);
    assert.deepEqual(
      removals.filter(({ outcome }) => outcome !== "removed").map(({ outcome, reason }) => `${outcome}: ${reason}`),
      [],
    );
    assert.deepEqual(await traces(), clean);
    assert.deepEqual(await left(), []);
  });
});
