import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { hostAddress } from "../../components/lib/cidr.ts";
import { PracticeNode } from "../../components/practice-node/PracticeNode.ts";
import { ServiceImage } from "../../components/ServiceImage.ts";
import { SshKey } from "../../components/ssh-key/SshKey.ts";
import { removeLeftovers } from "../../lab/sweep/remove.ts";
import { findLeftovers } from "../../lab/sweep/survey.ts";
import { imageSource } from "../../stacks/images.ts";
import { run } from "../../toolchain/run.ts";
import { type Environment, makeEnvironment } from "../integration/environment.ts";

/** All that a lab could leave on a machine, beside its image, which stays. */
const TRACES = `ls -d /etc/systemd/system/*etcd* /etc/systemd/system/docker.service.d /var/lib/dockernet* /var/lib/private \
  /usr/local/etcd* /etc/docker/daemon.json* 2>/dev/null
  pgrep -a etcd; tr '\\0' ' ' </proc/$(pidof dockerd)/cmdline; docker ps --all --quiet; docker network ls --format '{{.Name}}'
  docker info --format '{{.ClusterStore}}' 2>/dev/null; ls /run/netns 2>/dev/null || :`;
/** What looks like a lab's: a member and a token without a mark, and a member of another environment. */
const LOOK_ALIKES = `mkdir -p /var/lib/dockernet-etcd-other /var/lib/dockernet-etcd-unmarked
  echo dockernet/other >/var/lib/dockernet-etcd-other/owner; echo t >/var/lib/dockernet-etcd-x.token
  printf '[Service]\\nExecStart=/bin/true\\n' >/etc/systemd/system/dockernet-etcd-unmarked.service`;

describe("lab sweep on a machine of the user's whose environment has lost its state", function () {
  this.timeout(600_000);
  const name = `dockernet-sweep-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-sweep-"));
  const keyFile = join(work, "keys", "id_ed25519");
  const machine = "docker-node1";
  let machines: Stack;
  let lab: Environment;
  let clean: string;

  const program: PulumiFn = async () => {
    const labels = { "dockernet.test": name };
    const lan = new BridgeNetwork("lan", { networkName: name, subnet, labels });
    const origin = process.env.DOCKERNET_IMAGES === "official" ? "official" : "debian";
    const { host } = new PracticeNode(machine, {
      image: new ServiceImage("node", { source: imageSource("node", origin) }).imageId,
      network: lan.networkName,
      userKey: new SshKey("user-key", { file: keyFile }),
      labels,
      containerName: name,
      hostname: machine,
      address: hostAddress(subnet, 11),
      volumeName: name,
      readyTimeoutSec: 180,
    });
    return { hostKey: host.connection.hostKey };
  };
  const traces = () => run("docker", ["exec", name, "sh", "-c", TRACES]);
  const left = async () => (await findLeftovers(lab.name, lab.env)).map(({ kind, name: what }) => `${kind} ${what}`);

  before(async () => {
    machines = await LocalWorkspace.createStack(
      { stackName: "machines", projectName: "sweep", program },
      { workDir: work, envVars: { PULUMI_BACKEND_URL: `file://${work}`, PULUMI_CONFIG_PASSPHRASE: "test" } },
    );
    const { outputs } = await machines.up();
    await run("docker", ["exec", name, "sh", "-c", LOOK_ALIKES]);
    clean = await traces();
    const address = hostAddress(subnet, 11);
    const host = { name: machine, address, hostKey: outputs.hostKey?.value, user: "lab", keyFile, sudo: true };
    lab = await makeEnvironment({
      labs: ["overlay", "namespaces"],
      hosts: [host],
      namespaces: { host: machine },
    });
    await lab.stack.up();
  });
  after(async () => {
    await lab.remove();
    await machines.destroy();
    rmSync(work, { recursive: true });
  });

  it("finds nothing while the state knows all of it", async () => {
    assert.deepEqual(await left(), []);
  });

  it("finds units, data and drop-in by their marks, and leaves the machine as it was", async () => {
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
    assert.equal(await traces(), clean);
    assert.deepEqual(await left(), []);
  });
});
