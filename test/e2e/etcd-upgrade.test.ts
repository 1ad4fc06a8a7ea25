import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { EtcdCluster, type EtcdClusterArgs } from "../../components/etcd-cluster/EtcdCluster.ts";
import type { Host } from "../../components/host-script/HostScript.ts";
import { hostAddress } from "../../components/lib/cidr.ts";
import type { EtcdArchive, EtcdPackage } from "../../components/lib/etcd.ts";
import { type PackedEtcd, packEtcd, serveArchives } from "../etcdArchive.ts";
import {
  type EtcdClient,
  memberNames,
  plainClient,
  startWriter,
  tlsClient,
  versionsOf,
  type Writer,
  written,
} from "../etcdClient.ts";
import { inlineStack } from "../inlineStack.ts";
import { makePracticeNodes, type PracticeNodes } from "../practiceNodes.ts";
import { type TestStack, testStack } from "../stack.ts";

const NODES = ["node1", "node2", "node3"] as const;
const PACKAGE: EtcdPackage = { kind: "package" };
/** Ports of the cluster that is no cluster store. The other one has etcd's own, as the lab has. */
const PORTS = { clientPort: 3379, peerPort: 3380 };

interface Options {
  /** Settings of the cluster without the v2 API; it has TLS. */
  readonly plain: Omit<Partial<EtcdClusterArgs>, "members">;
  /** Settings of the cluster with the v2 API, and the flags of the overlay lab. */
  readonly store: Omit<Partial<EtcdClusterArgs>, "members">;
}

const sshHost = (host: string, hostKey: string, keyFile: string): Host => ({
  kind: "ssh",
  connection: { host, user: "lab", privateKey: readFileSync(keyFile, "utf8"), hostKey },
  sudo: true,
});

/** Fails unless an update fails; returns what it says. */
const failed = (update: Promise<unknown>): Promise<string> =>
  update.then(
    () => assert.fail("no error"),
    (error: Error) => error.message,
  );

describe("upgrades of a running etcd cluster", function () {
  this.timeout(300_000);
  const name = `dockernet-upgrade-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-upgrade-"));
  const keyFile = join(work, "keys", "id_ed25519");
  const addresses = NODES.map((_, index) => hostAddress(subnet, 11 + index));
  const urls = {
    plain: addresses.map((each) => `https://${each}:3379`),
    store: addresses.map((each) => `http://${each}:2379`),
  };
  let nodes: PracticeNodes;
  let stack: TestStack;
  let archives: Awaited<ReturnType<typeof serveArchives>>;
  let v35: EtcdArchive;
  let v36: EtcdArchive;
  let clients: { readonly plain: EtcdClient; readonly store: EtcdClient };
  let writers: { readonly plain: Writer; readonly store: Writer };

  const hosts = () => nodes.hostKeys.map((hostKey, index) => sshHost(addresses[index] ?? "", hostKey, keyFile));
  const program =
    ({ plain, store }: Options): PulumiFn =>
    async () => {
      const members = (prefix: string, ports = {}) =>
        hosts().map((host, index) => ({
          host,
          memberName: `${prefix}${NODES[index]}`,
          address: addresses[index] ?? "",
          ...ports,
        }));
      const cluster = new EtcdCluster("plain", { members: members("plain-", PORTS), enableV2: false, ...plain });
      new EtcdCluster("store", { members: members(""), tls: false, ...store });
      const { caCertificate: ca, clientCertificate: cert, clientKey: key } = cluster;
      return { ca, cert, key };
    };
  const up = async (options: Options) => (await stack.up({ program: program(options) })).stdout;
  const unchanged = (options: Options) => stack.preview({ program: program(options), expectNoChanges: true });
  const failure = (options: Options) => failed(up(options));
  const versions = (which: "plain" | "store") => Promise.all(urls[which].map((url) => versionsOf(clients[which], url)));
  const processes = () => nodes.onEach("pgrep -a etcd | sort -n");

  before(async () => {
    mkdirSync(join(work, "hosts"));
    let packed: PackedEtcd[];
    [packed, nodes] = await Promise.all([
      Promise.all((["3.5", "3.6"] as const).map((minor) => packEtcd(minor, work))),
      makePracticeNodes({ name, subnet, work: join(work, "hosts"), names: NODES, keyFile }),
    ]);
    archives = await serveArchives(packed, hostAddress(subnet, 1));
    [v35, v36] = packed.map(archives.sourceOf) as [EtcdArchive, EtcdArchive];
    stack = testStack(await inlineStack("upgrade", "test", work));
    await up({ plain: { source: PACKAGE }, store: { source: PACKAGE } });
    const { ca, cert, key } = await stack.outputs();
    clients = {
      plain: tlsClient({ ca: ca?.value, cert: cert?.value, key: key?.value }, "v3"),
      store: plainClient("v2"),
    };
    writers = {
      plain: startWriter(clients.plain, urls.plain),
      store: startWriter(clients.store, urls.store),
    };
  });
  after(async () => {
    await Promise.all(Object.values(writers ?? {}).map((writer) => writer.stop()));
    archives?.close();
    await stack?.destroy();
    await nodes?.remove();
    rmSync(work, { recursive: true });
  });

  it("an upgrade that skips a minor version is refused, and changes no member", async () => {
    const before = await processes();
    assert.match(
      await failure({ plain: { source: v36 }, store: {} }),
      /etcd member plain-node\d: its cluster is etcd 3\.4, and an upgrade skips no minor version: set 3\.5\.26 or a later 3\.5 before 3\.6\./,
    );
    assert.deepEqual(await processes(), before);
  });

  it("3.6 is refused for a cluster store before anything is made", async () => {
    const said = await failure({ plain: {}, store: { source: v36 } });
    assert.match(said, /Docker's cluster store needs the v2 API, which 3\.6 removed; got "3\.6\./);
    assert.doesNotMatch(said, /plain-node1/);
  });

  it("an upgrade that fails on one member leaves the others as they were, and that one goes back", async () => {
    const flags = { "snapshot-counts": "5000" };
    const said = await failure({ plain: { source: v35, flags }, store: {} });
    assert.match(said, /etcd member plain-node\d: it does not stay up;.*the previous configuration was restored/s);
    const left = said.match(/etcd member plain-node\d: unchanged, since the change of plain-node\d failed/g);
    assert.equal(new Set(left).size, 2, said);
    assert.deepEqual(await nodes.onEach("ls /usr/local | grep -c etcd || :"), ["0", "0", "0"]);
    for (const each of await versions("plain")) assert.match(each, /^3\.4\.\d+ 3\.4\.0$/);
  });

  it("3.4 becomes 3.5, with the v2 API and without", async () => {
    const options = { plain: { source: v35 }, store: { source: v35 } };
    const { stdout } = await stack.preview({ program: program(options) });
    assert.doesNotMatch(stdout, /replace|delete/);
    await up(options);
    for (const which of ["plain", "store"] as const) {
      assert.deepEqual(new Set(await versions(which)), new Set([`${v35.version} 3.5.0`]));
      const names = NODES.map((node) => (which === "plain" ? `plain-${node}` : node));
      assert.deepEqual(await memberNames(clients[which], urls[which][0] ?? ""), names);
    }
    for (const each of await processes()) {
      const lines = each.split("\n");
      assert.equal(lines.filter((line) => / --enable-v2( |$)/.test(line)).length, 1, each);
      assert.equal(lines.filter((line) => line.includes(`/usr/local/etcd-v${v35.version}-`)).length, 2, each);
    }
    await unchanged(options);
  });

  it("a downgrade is refused, and 3.6 for a cluster that has served the v2 API, and neither changes a member", async () => {
    const before = await processes();
    assert.match(
      await failure({ plain: { source: PACKAGE }, store: { source: v35 } }),
      /etcd member plain-node\d: its cluster is etcd 3\.5, and a downgrade to 3\.4\.\d+ is not supported: keep 3\.5, or make/,
    );
    assert.match(
      await failure({ plain: { source: v35 }, store: { source: v36, enableV2: false } }),
      /etcd member node\d: its cluster has served the v2 API, and etcd 3\.6 stops at the writes to it/,
    );
    assert.deepEqual(await processes(), before);
  });

  it("3.5 becomes 3.6, and no acknowledged write was lost on the way", async () => {
    const options = { plain: { source: v36 }, store: { source: v35 } };
    await up(options);
    assert.deepEqual(new Set(await versions("plain")), new Set([`${v36.version} 3.6.0`]));
    await unchanged(options);
    for (const which of ["plain", "store"] as const) {
      const { acknowledged, longestMs } = await writers[which].stop();
      const there = await written(clients[which], urls[which][0] ?? "");
      const lost = acknowledged.filter((each) => !there.has(each));
      assert.deepEqual(lost, [], `${lost.length} of ${acknowledged.length} acknowledged writes are lost`);
      assert.ok(acknowledged.length > 100, `only ${acknowledged.length} writes were acknowledged`);
      assert.ok(longestMs < 10_000, `no write was acknowledged for ${longestMs} ms`);
      const api = clients[which].api;
      process.stdout.write(`      ${api}: ${acknowledged.length} writes, the longest pause ${longestMs} ms\n`);
    }
  });
});

describe("Debian 13's etcd", function () {
  this.timeout(300_000);
  const name = `dockernet-upgrade-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-upgrade-"));
  const keyFile = join(work, "keys", "id_ed25519");
  const address = hostAddress(subnet, 11);
  let node: PracticeNodes;
  let stack: TestStack;
  let archives: Awaited<ReturnType<typeof serveArchives>>;

  before(async () => {
    mkdirSync(join(work, "hosts"));
    node = await makePracticeNodes({
      name,
      subnet,
      work: join(work, "hosts"),
      names: ["node1"],
      keyFile,
      image: "node13",
    });
    stack = testStack(await inlineStack("upgrade", "test", work));
  });
  after(async () => {
    archives?.close();
    await stack?.destroy();
    await node?.remove();
    rmSync(work, { recursive: true });
  });

  it("goes to 3.6 by a later patch release only, and keeps its keys", async () => {
    const packed = await Promise.all((["3.5", "3.6"] as const).map((minor) => packEtcd(minor, work)));
    archives = await serveArchives(packed, hostAddress(subnet, 1));
    const [v35, v36] = packed.map(archives.sourceOf) as [EtcdArchive, EtcdArchive];
    const up = (source: EtcdPackage | EtcdArchive) => {
      const host = sshHost(address, node.hostKeys[0] ?? "", keyFile);
      const members = [{ memberName: "node1", address, host }];
      const program = async () => {
        new EtcdCluster("etcd", { members, source, enableV2: false, tls: false });
      };
      return stack.up({ program });
    };
    const etcdctl = (command: string) => node.onEach(`etcdctl ${command}`);
    await up(PACKAGE);
    await etcdctl("put /kept yes");
    assert.match(
      await failed(up(v36)),
      /etcd member node1: the member at http:\S+ is etcd 3\.5\.(?:1\d|2[0-5]): set 3\.5\.26 or a later 3\.5 before 3\.6\./,
    );
    await up(v35);
    await up(v36);
    assert.equal(await versionsOf(plainClient("v3"), `http://${address}:2379`), `${v36.version} 3.6.0`);
    assert.deepEqual(await etcdctl("get --print-value-only /kept"), ["yes"]);
  });
});
