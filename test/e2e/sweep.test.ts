import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeLeftovers } from "../../lab/commands/sweep/remove.ts";
import { findLeftovers } from "../../lab/commands/sweep/survey.ts";
import { type Environment, makeEnvironment } from "../integration/environment.ts";
import { makePracticeNodes, type PracticeNodes } from "../practiceNodes.ts";

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
  const node = "docker-node1";
  let nodes: PracticeNodes;
  let lab: Environment;
  let clean: string[];

  const traces = () => nodes.onEach(TRACES);
  const left = async () => (await findLeftovers(lab.name, lab.env)).map(({ kind, name: what }) => `${kind} ${what}`);

  before(async () => {
    nodes = await makePracticeNodes({ name, subnet, work, names: [node], keyFile, readyTimeoutSec: 180 });
    await nodes.onEach(LOOK_ALIKES);
    clean = await traces();
    const [address, hostKey] = [nodes.addresses[0], nodes.hostKeys[0]];
    const host = { name: node, address, hostKey, user: "lab", keyFile, sudo: true };
    lab = await makeEnvironment({
      labs: ["overlay", "namespaces"],
      hosts: [host],
      namespaces: { host: node },
    });
    await lab.stack.up();
  });
  after(async () => {
    await lab.remove();
    await nodes.remove();
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
        ...["outsider", "test12"].map((each) => `container ${each} ${node}`),
        `network demo ${node}`,
        ...[1, 2].map((each) => `namespace dockernet-${lab.name}-test${each} ${node}`),
        `cluster store docker.service ${node}`,
        `etcd member ${node} ${node}`,
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
