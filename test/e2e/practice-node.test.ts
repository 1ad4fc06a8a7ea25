import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as docker from "@pulumi/docker";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { HostScript } from "../../components/host-script/HostScript.ts";
import { hostAddress } from "../../components/lib/cidr.ts";
import { PracticeNode } from "../../components/practice-node/PracticeNode.ts";
import { RemoteEngine } from "../../components/RemoteEngine.ts";
import { ServiceImage } from "../../components/ServiceImage.ts";
import { SshKey } from "../../components/ssh-key/SshKey.ts";
import { imageSource } from "../../stacks/images.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { inlineStack } from "../inlineStack.ts";
import { type TestStack, testStack } from "../stack.ts";

const FILE = new URL("../integration/file.sh", import.meta.url);
const IMAGE = new URL("image.sh", import.meta.url);
const BROKEN = fileURLToPath(new URL("../images/broken-node", import.meta.url));

describe("a practice node", function () {
  this.timeout(300_000);
  const name = `dockernet-node-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-node-"));
  const keyFile = join(work, "keys", "id_ed25519");
  const labels = { "dockernet.test": name };
  let stack: TestStack;
  let nodeImage: string;

  before(async () => {
    stack = testStack(await inlineStack("practice-node", "test", work));
  });
  after(async () => {
    await stack.destroy();
    rmSync(work, { recursive: true });
  });

  /** One node; its image is the project's own unless another image id is given. */
  const oneNode = (other?: string, readyTimeoutSec?: number) => {
    const network = new BridgeNetwork("lan", { networkName: name, subnet, labels });
    const image = other ?? new ServiceImage("node", { source: imageSource("node", "debian") }).imageId;
    const userKey = new SshKey("user-key", { file: keyFile });
    const node = new PracticeNode("node", {
      containerName: name,
      hostname: "docker-node1",
      image,
      network: network.networkName,
      address: hostAddress(subnet, 11),
      volumeName: name,
      userKey,
      readyTimeoutSec,
      labels,
    });
    return { node, image, keyFile: userKey.file, otherKey: userKey.publicKey };
  };
  /** A node, a script on it by a user other than root, and a container on its own engine. */
  const withText =
    (TEXT: string): PulumiFn =>
    async () => {
      const { node, image, keyFile } = oneNode();
      const variables = { FILE: "/root/made", TEXT, JOURNAL: "/root/journal" };
      new HostScript("as-lab", { host: node.userHost, script: FILE, variables });
      const tiny = new HostScript("tiny", { host: node.host, script: IMAGE, variables: { NAME: "tiny" } });
      const { provider } = new RemoteEngine("engine", { host: { ...node.host, keyFile } });
      new docker.Container(
        "on-node",
        { name: "on-node", image: tiny.stdout, networkMode: "bridge", restart: "unless-stopped" },
        { provider, deletedWith: node.host.resource },
      );
      return { image, engineVersion: node.engineVersion };
    };
  const program = withText("by lab");
  const onNode = (...command: string[]) => run("docker", ["exec", name, ...command]);
  /** The node's objects on this engine. */
  const left = async () => {
    const filter = ["--filter", `label=dockernet.test=${name}`];
    const kinds = [
      ["ps", "--all", "--quiet"],
      ["volume", "ls", "--quiet"],
      ["network", "ls", "--quiet"],
    ];
    return (await Promise.all(kinds.map((kind) => run("docker", [...kind, ...filter])))).join("");
  };
  const readStateFile = () => readFileSync(join(work, ".pulumi", "stacks", "practice-node", "test.json"), "utf8");
  const failure = (program: PulumiFn): Promise<string> =>
    stack.up({ program }).then(
      () => assert.fail("no error"),
      (error: Error) => error.message,
    );

  it("comes up with systemd, sshd and its own engine, for root and for a user with sudo", async () => {
    await stack.up({ program });
    const outputs = await stack.outputs();
    nodeImage = outputs.image?.value;
    assert.equal(await onNode("systemctl", "is-system-running"), "running");
    assert.equal(await onNode("docker", "version", "--format", "{{.Server.Version}}"), outputs.engineVersion?.value);
    assert.equal(await onNode("docker", "ps", "--format", "{{.Names}}"), "on-node");
    assert.equal(await onNode("stat", "--format", "%U", "/root/made"), "root");
    assert.equal(await attempt("docker", ["exec", name, "systemctl", "is-active", "etcd"]), undefined);
  });

  it("accepts the key, and as many connections at once as a lab needs", async () => {
    const settings = (await onNode("/usr/sbin/sshd", "-T")).split("\n");
    const expected = ["passwordauthentication no", "permitrootlogin without-password", "usedns no", "maxsessions 100"];
    assert.deepEqual(
      expected.filter((line) => !settings.includes(line)),
      [],
    );
    assert.ok(settings.includes("maxstartups 100:30:200"));
  });

  it("keeps its keys out of the state and the engine's records, and the key file readable only for its owner", async () => {
    assert.equal(statSync(keyFile).mode & 0o777, 0o600);
    assert.equal(statSync(join(work, "keys")).mode & 0o777, 0o700);
    const state = readStateFile();
    assert.match(state, /"ciphertext"/);
    assert.equal(`${state}${await run("docker", ["inspect", name])}`.includes("PRIVATE KEY"), false);
  });

  it("shows no change in a second preview", async () => {
    await stack.preview({ program, expectNoChanges: true });
  });

  it("is unchanged after its container is restarted", async () => {
    await run("docker", ["restart", name]);
    for (
      let tries = 0;
      (await attempt("docker", ["exec", name, "docker", "ps", "--quiet"])) === undefined;
      tries += 1
    ) {
      assert.ok(tries < 60, "the node's engine does not come back");
      await setTimeout(500);
    }
    assert.equal(await onNode("docker", "ps", "--format", "{{.Names}}"), "on-node");
    assert.equal(await onNode("cat", "/root/made"), "by lab");
    await stack.preview({ program, expectNoChanges: true });
  });

  it("keeps its SSH connection for a while, then closes it and removes its socket", async () => {
    const socket = join(
      homedir(),
      /ControlPath=~\/(\.dockernet-\w+)-%r/.exec(readStateFile())?.[1] ?? assert.fail("none"),
    );
    await stack.preview({ program });
    assert.equal(existsSync(`${socket}-root`), true);
    for (let tries = 0; existsSync(`${socket}-root`); tries += 1) {
      assert.ok(tries < 30, "the socket is still there");
      await setTimeout(1000);
    }
  });

  it("needs its key file for its engine, and writes a lost one again", async () => {
    renameSync(keyFile, `${keyFile}.lost`);
    await assert.rejects(
      stack.preview({ program }),
      /Warning: Identity file \S+id_ed25519 not accessible: No such file/,
    );
    // Checks nothing else: a provider that is asked before the file exists remembers the failed login.
    const file = ["**:Command::user-key-file"];
    await stack.up({ program, replace: file, target: file });
    assert.equal(readFileSync(keyFile, "utf8"), readFileSync(`${keyFile}.lost`, "utf8"));
    rmSync(`${keyFile}.lost`);
    await stack.preview({ program, expectNoChanges: true });
  });

  it("has an engine that is not trusted with another host key than its own", async () => {
    const impostor: PulumiFn = async () => {
      const { node, keyFile, otherKey } = oneNode();
      const connection = { ...node.host.connection, hostKey: otherKey };
      const { provider } = new RemoteEngine("engine", { host: { ...node.host, connection, keyFile } });
      new docker.Network("never", { name: "never" }, { provider });
    };
    assert.match(await failure(impostor), /Host key verification failed/);
    await stack.up({ program });
  });

  it("reports an error if sudo asks for a password", async () => {
    await onNode("mv", "/etc/sudoers.d/lab", "/root/lab");
    const error = /Command \(as-lab@docker-node1\):\s+error: .*\n\s+sudo: a password is required\n/;
    assert.match(await failure(withText("changed")), error);
    await onNode("mv", "/root/lab", "/etc/sudoers.d/lab");
  });

  it("is recreated when it is lost, with its disk and its scripts, without waiting for the old one", async () => {
    await run("docker", ["rm", "--force", name]);
    await stack.up({ program, replace: ["**:Container::node"] });
    assert.equal(await onNode("cat", "/root/made"), "by lab");
    assert.equal(await onNode("docker", "ps", "--format", "{{.Names}}"), "on-node");
    await stack.preview({ program, expectNoChanges: true });
  });

  it("leaves nothing behind, even if it was lost: no container, no volume, no key", async () => {
    await run("docker", ["rm", "--force", name]);
    await stack.destroy();
    assert.equal(await left(), "");
    assert.equal(existsSync(join(work, "keys")), false);
  });

  it("shows its last output when it is not ready in time, or exits", async () => {
    const broken = (fault: string) =>
      run("docker", ["build", "--quiet", "--build-arg", `BASE=${nodeImage}`, "--build-arg", `FAULT=${fault}`, BROKEN]);
    const [mute, ended] = [await broken("sshd"), await broken("exit")];
    try {
      const late = await failure(async () => void oneNode(mute, 8));
      assert.match(
        late,
        /node dockernet-node-\w+ was not ready within 8 s \(.*refused\); its last lines:\n.*Started docker.service/s,
      );
      assert.match(
        await failure(async () => void oneNode(ended)),
        /node dockernet-node-\w+ ended while it was starting; its last lines:\s+no systemd today/,
      );
    } finally {
      await stack.destroy();
      await run("docker", ["image", "rm", mute, ended]);
      assert.equal(await left(), "");
    }
  });
});
