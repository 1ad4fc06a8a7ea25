import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { EtcdCluster } from "../../components/etcd-cluster/EtcdCluster.ts";
import { hostAddress } from "../../components/lib/cidr.ts";
import { PracticeNode } from "../../components/practice-node/PracticeNode.ts";
import { ServiceImage } from "../../components/ServiceImage.ts";
import { SshKey } from "../../components/ssh-key/SshKey.ts";
import { imageSource } from "../../stacks/images.ts";
import { run } from "../../toolchain/run.ts";
import { type EtcdClient, memberNames, startWriter, tlsClient, type Writer, written } from "../etcdClient.ts";
import { inlineStack } from "../inlineStack.ts";
import { type TestStack, testStack } from "../stack.ts";

const NODES = [1, 2, 3] as const;
type Node = (typeof NODES)[number];

interface Options {
  readonly members: readonly Node[];
  readonly flags?: Readonly<Record<string, string>>;
  readonly rotation?: string;
}

describe("the members of a living etcd cluster", function () {
  this.timeout(300_000);
  const name = `dockernet-members-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-members-"));
  const address = (node: Node) => hostAddress(subnet, 10 + node);
  const container = (node: Node) => `${name}-${node}`;
  const url = (node: Node) => `https://${address(node)}:2379`;
  const on = (node: Node, ...command: string[]) => run("docker", ["exec", container(node), ...command]);
  let stack: TestStack;
  let token: string;
  let writer: Writer;
  let client: EtcdClient;

  const program =
    ({ members, flags, rotation }: Options): PulumiFn =>
    async () => {
      const labels = { "dockernet.test": name };
      const lan = new BridgeNetwork("lan", { networkName: name, subnet, labels });
      const image = new ServiceImage("node", { source: imageSource("node", "debian") }).imageId;
      const userKey = new SshKey("user-key", { file: join(work, "keys", "id_ed25519") });
      let last: PracticeNode | undefined;
      const nodes = NODES.map((node) => {
        const place = { containerName: container(node), hostname: `node${node}`, address: address(node) };
        const args = { image, network: lan.networkName, userKey, labels, ...place };
        last = new PracticeNode(`node${node}`, args, { dependsOn: last });
        return last;
      });
      if (members.length === 0) return {};
      const cluster = new EtcdCluster("etcd", {
        members: members.map((node) => ({
          memberName: `node${node}`,
          address: address(node),
          host: (nodes[node - 1] as PracticeNode).host,
        })),
        flags,
        rotation,
      });
      const { token, quorum, caCertificate: ca, clientCertificate: cert, clientKey: key } = cluster;
      return { token, quorum, ca, cert, key };
    };
  const up = async (options: Options) => {
    const { stdout } = await stack.up({ program: program(options) });
    const { token: now, ca, cert, key } = await stack.outputs();
    // A client of before a rotation is served during it and afterwards.
    client ??= tlsClient({ ca: ca?.value, cert: cert?.value, key: key?.value }, "v2");
    const known = await Promise.all(options.members.map((node) => memberNames(client, url(node))));
    const names = options.members.map((node) => `node${node}`);
    assert.deepEqual(
      known,
      options.members.map(() => names),
    );
    assert.equal(now?.value, token ?? now?.value);
    return stdout;
  };

  before(async () => {
    stack = testStack(await inlineStack("members", "test", work));
    await up({ members: [1] });
    token = (await stack.outputs()).token?.value;
    writer = startWriter(client, NODES.map(url));
  });
  after(async () => {
    await writer?.stop();
    await stack.destroy();
    rmSync(work, { recursive: true });
  });

  it("one becomes three, and the preview says what that does to the quorum", async () => {
    const { stdout } = await stack.preview({ program: program({ members: NODES }) });
    const [one, three] = [
      "1 member (node1): quorum 1, tolerates 0 failures",
      "3 members (node1, node2, node3): quorum 2, tolerates 1 failure",
    ];
    assert.ok(stdout.includes(`"${one}" => "${three}"`), stdout);
    assert.doesNotMatch(stdout, /replace/);
    await up({ members: NODES });
    await stack.preview({ program: program({ members: NODES }), expectNoChanges: true });
  });

  it("the first member's host is replaced, and joins again without its data", async () => {
    await run("docker", ["rm", "--force", container(1)]);
    await stack.refresh();
    await up({ members: NODES });
  });

  it("another flag reaches all members, and a wrong one stops at the first of them", async () => {
    const ids = () => Promise.all(NODES.map((node) => on(node, "pidof", "etcd")));
    await up({ members: NODES, flags: { "snapshot-count": "5000" } });
    const before = await ids();
    const wrong = { members: NODES, flags: { "snapshot-counts": "5000" } };
    await assert.rejects(stack.up({ program: program(wrong) }), (error: Error) => {
      assert.match(error.message, /etcd member node\d: it does not stay up/);
      const left = error.message.match(/etcd member node\d: unchanged, since the change of node\d failed/g);
      assert.equal(new Set(left).size, 2, error.message);
      return true;
    });
    const now = await ids();
    assert.equal(now.filter((id, index) => id === before[index]).length, 2);
  });

  it("all certificates are renewed, and clients with an old one are served", async () => {
    const flags = { "snapshot-count": "5000" };
    await up({ members: NODES, flags, rotation: "2" });
    await stack.preview({ program: program({ members: NODES, flags, rotation: "2" }), expectNoChanges: true });
  });

  it("three become one, without the first, and no acknowledged write is lost", async () => {
    await up({ members: [3], flags: { "snapshot-count": "5000" }, rotation: "2" });
    const { acknowledged, longestMs } = await writer.stop();
    const there = await written(client, url(3));
    const lost = acknowledged.filter((each) => !there.has(each));
    assert.deepEqual(lost, [], `${lost.length} of ${acknowledged.length} acknowledged writes are lost`);
    assert.ok(acknowledged.length > 100, `only ${acknowledged.length} writes were acknowledged`);
    assert.ok(longestMs < 10_000, `no write was acknowledged for ${longestMs} ms`);
    process.stdout.write(`      ${acknowledged.length} writes, the longest pause ${longestMs} ms\n`);
    for (const node of [1, 2] as const)
      assert.equal(await on(node, "sh", "-c", "ls /var/lib | grep -c dockernet-etcd || :"), "0");
  });
});
