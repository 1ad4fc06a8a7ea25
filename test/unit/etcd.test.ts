import assert from "node:assert/strict";
import { ClusterStoreEngine } from "../../components/cluster-store-engine/ClusterStoreEngine.ts";
import { EtcdCluster, type EtcdClusterArgs } from "../../components/etcd-cluster/EtcdCluster.ts";
import { EtcdMember } from "../../components/etcd-cluster/EtcdMember.ts";
import type { Host } from "../../components/host-script/HostScript.ts";
import {
  checksumProblem,
  checksumsOf,
  evenSizeWarning,
  failureTolerance,
  flagsProblem,
  membersProblem,
} from "../../components/lib/etcd.ts";
import { OverlayNetwork } from "../../components/overlay-network/OverlayNetwork.ts";
import { inputsOf, type Registered, recordResources, settled } from "./mocks.ts";

const REMOTE = "command:remote:Command";
const SHA256 = "0".repeat(64);
const host = (address: string): Host => ({
  kind: "ssh",
  connection: { host: address, privateKey: "k", hostKey: "ssh-ed25519 AAAA" },
});
const member = (number: number) => ({
  host: host(`192.168.174.14${number}`),
  address: `192.168.174.14${number}`,
  memberName: `docker-node${number}`,
});
const members = (size: number) => Array.from({ length: size }, (_, index) => member(index + 1));

describe("etcd, engines on it, and overlay networks", () => {
  let seen: Registered[];
  let warnings: string[];
  const { warn } = console;
  beforeEach(async () => {
    seen = await recordResources();
    warnings = [];
    console.warn = (text: string) => warnings.push(text); // where Pulumi's go under its mocks
  });
  afterEach(() => {
    console.warn = warn;
  });
  const refusal = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      assert.ok(seen.every(({ type }) => !type.startsWith("command:")));
      return (error as Error).message;
    }
    return assert.fail("not refused");
  };
  const scriptOf = (name: string) => String(inputsOf(seen, REMOTE, name).stdin);
  const cluster = (args: Partial<EtcdClusterArgs> = {}) => new EtcdCluster("etcd", { members: members(2), ...args });

  it("a cluster of n members tolerates what a majority can spare, and an even one is warned of", () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(failureTolerance), [0, 0, 1, 1, 2, 2, 3]);
    assert.equal(evenSizeWarning(2), "2 members tolerate 0 failures, no more than 1 would; 3 tolerate 1");
    assert.equal(evenSizeWarning(6), "6 members tolerate 2 failures, no more than 5 would; 7 tolerate 3");
    assert.deepEqual([1, 3, 5, 7].map(evenSizeWarning), Array(4).fill(undefined));
  });

  it("members are refused that etcd could not be started with", () => {
    const [a, b] = members(2) as [ReturnType<typeof member>, ReturnType<typeof member>];
    const cases: [Parameters<typeof membersProblem>[0], string][] = [
      [[], "expected 1 to 7 etcd members, got 0"],
      [members(8), "expected 1 to 7 etcd members, got 8"],
      [[a, { ...b, memberName: "docker-node1" }], "two etcd members cannot both be docker-node1"],
      [[a, { ...b, address: a.address }], "two etcd members cannot both be http://192.168.174.141:2379"],
      [[{ ...a, clientPort: 2380 }], "two etcd members cannot both be http://192.168.174.141:2380"],
      [[{ ...a, memberName: "a,b" }], 'expected an etcd member name of 1 to 63 letters, digits and hyphens, got "a,b"'],
      [[{ ...a, address: "node1" }], 'etcd member docker-node1: expected an IPv4 address, got "node1"'],
      [[{ ...a, peerPort: 65_536 }], "etcd member docker-node1: expected a port of 1 to 65535, got 65536"],
    ];
    for (const [given, problem] of cases) assert.equal(membersProblem(given), problem);
    assert.equal(membersProblem(members(7)), undefined);
    assert.equal(membersProblem([a, { ...b, address: a.address, clientPort: 2381, peerPort: 2382 }]), undefined);
    assert.match(
      refusal(() => cluster({ members: [] })),
      /expected 1 to 7/,
    );
    assert.match(
      refusal(() => cluster({ tokenPrefix: "a b" })),
      /expected a token of/,
    );
  });

  it("flags are refused that are not one word each, or that follow from the members", () => {
    assert.equal(flagsProblem({ "snapshot-count": "5000", "log-level": "info" }), undefined);
    for (const flag of ["data-dir", "initial-cluster", "name", "listen-client-urls", "enable-v2"]) {
      assert.match(flagsProblem({ [flag]: "x" }) ?? "", /follows from the members/);
    }
    assert.match(flagsProblem({ "--debug": "true" }) ?? "", /without hyphens before it/);
    assert.match(flagsProblem({ debug: "$(reboot)" }) ?? "", /expected a value of letters/);
  });

  it("an archive is refused that has no v2 API, no checksum or no address, before anything is made", () => {
    const archive = (version: string, sha256 = { amd64: SHA256 }, url?: string) => {
      const source = { kind: "archive", version, sha256, url } as const;
      return () =>
        new EtcdMember("one", {
          ...member(1),
          token: "t",
          initialCluster: "docker-node1=http://192.168.174.141:2380",
          source,
        });
    };
    for (const version of ["3.6.0", "3.2.32", "4.0.0", "3.4", "latest"]) {
      assert.match(refusal(archive(version)), /expected an etcd version from 3\.3 to 3\.5, such as .*; got "/);
    }
    assert.match(refusal(archive("3.5.21", { amd64: "abc" })), /SHA-256 of 64 hexadecimal digits for amd64, got "abc"/);
    assert.match(refusal(archive("3.5.21", {} as { amd64: string })), /for amd64, arm64 or both, got none/);
    assert.match(refusal(archive("3.5.21", { amd64: SHA256 }, "ftp://a/b")), /https, http or file, got "ftp:/);
  });

  it("an archive of a release that is known needs no checksum, and another one does", () => {
    assert.match(checksumsOf("3.5.21").arm64 ?? "", /^[0-9a-f]{64}$/);
    assert.equal(checksumProblem(checksumsOf("3.5.21")), undefined);
    assert.deepEqual(checksumsOf("3.5.21", { amd64: SHA256 }), { amd64: SHA256 });
    assert.match(checksumProblem(checksumsOf("3.4.27")) ?? "", /for amd64, arm64 or both, got none/);
  });

  it("EtcdCluster starts its members on one token, and asks for the quorum on the first one", async () => {
    cluster({ flags: { b: "2", a: "1" }, source: { kind: "archive", version: "3.5.21", sha256: { arm64: SHA256 } } });
    await settled(seen);
    const initial = "docker-node1=http://192.168.174.141:2380,docker-node2=http://192.168.174.142:2380";
    assert.deepEqual(inputsOf(seen, REMOTE, "etcd-creation").triggers, [
      "192.168.174.141",
      "docker-node1",
      "etcd-cluster",
      initial,
      "192.168.174.141 192.168.174.142",
    ]);
    const second = scriptOf("etcd-docker-node2");
    assert.match(second, new RegExp(`^MEMBERS='${initial}'$`, "m"));
    assert.match(second, /^FLAGS='--a=1 --b=2'$/m);
    assert.match(
      second,
      /^URL='https:\/\/github\.com\/etcd-io\/etcd\/releases\/download\/v3\.5\.21\/etcd-v3\.5\.21-linux-\{arch\}\.tar\.gz'$/m,
    );
    assert.match(second, /^SHA256_AMD64=''\nSHA256_ARM64='0{64}'$/m);
    assert.match(
      scriptOf("etcd-quorum"),
      /^ENDPOINTS='docker-node1 http:\/\/192\.168\.174\.141:2379\ndocker-node2 http:\/\/192\.168\.174\.142:2379'$/m,
    );
  });

  it("EtcdCluster of an even size is warned of, and made all the same", async () => {
    for (const size of [2, 3]) new EtcdCluster(`etcd${size}`, { members: members(size) });
    await settled(seen);
    assert.deepEqual(warnings, [`warning: [runtime] etcd cluster etcd2: ${evenSizeWarning(2)}`]);
    assert.ok(scriptOf("etcd2-docker-node2") && scriptOf("etcd3-docker-node3"));
  });

  const engine = (args: { address?: string; listen?: string[] } = {}) =>
    new ClusterStoreEngine("engine", {
      host: host("192.168.174.141"),
      endpoint: "http://192.168.174.141:2379",
      clusterToken: "etcd-cluster-1",
      address: "192.168.174.141",
      ...args,
    });

  it("ClusterStoreEngine opens no socket unless told to, and is made anew for another cluster only", async () => {
    engine();
    await settled(seen);
    assert.match(scriptOf("engine"), /^LISTEN=''\nOWNER=''\nPORT='2375'$/m);
    assert.deepEqual(inputsOf(seen, REMOTE, "engine").triggers, ["192.168.174.141", "etcd-cluster-1"]);
  });

  it("ClusterStoreEngine warns of a socket that gives root to whoever reaches it", async () => {
    engine({ listen: ["tcp://0.0.0.0:2375", "unix:///run/other.sock"] });
    await settled(seen);
    assert.match(scriptOf("engine"), /^LISTEN='tcp:\/\/0\.0\.0\.0:2375 unix:\/\/\/run\/other\.sock'$/m);
    assert.deepEqual(warnings, [
      "warning: [runtime] engine engine: whoever reaches tcp://0.0.0.0:2375 is root on its host",
    ]);
  });

  it("ClusterStoreEngine refuses what is no address and no socket", () => {
    assert.match(
      refusal(() => engine({ address: "eth0" })),
      /expected an IPv4 address to advertise, got "eth0"/,
    );
    assert.match(
      refusal(() => engine({ listen: ["0.0.0.0:2375"] })),
      /expected a socket such as .*, got "0\.0\.0\.0:2375"/,
    );
  });

  const overlay = (args: { networkName?: string; subnet?: string; engines?: number; label?: string } = {}) =>
    new OverlayNetwork("demo", {
      networkName: args.networkName ?? "demo",
      subnet: args.subnet ?? "10.10.0.0/24",
      engines: members(args.engines ?? 3).map((each) => ({ host: each.host, store: `etcd://${each.address}:2379` })),
      clusterToken: "etcd-cluster-1",
      labels: { "dockernet.stack": args.label ?? "practice", "dockernet.lab": "overlay" },
    });

  it("OverlayNetwork is made on the first engine and looked for on every other one", async () => {
    overlay();
    await settled(seen);
    const scripts = seen.filter(({ type }) => type === REMOTE).map(({ name }) => name);
    assert.deepEqual(scripts.sort(), ["demo", "demo-engine-2", "demo-engine-3"]);
    assert.match(scriptOf("demo"), /^LABELS='dockernet\.lab=overlay\ndockernet\.stack=practice'$/m);
    assert.match(scriptOf("demo-engine-3"), /^STORE='etcd:\/\/192\.168\.174\.143:2379'$/m);
  });

  it("OverlayNetwork refuses a name, a block, labels and engines that cannot be", () => {
    const refused = (args: Parameters<typeof overlay>[0]) => refusal(() => overlay(args));
    assert.match(refused({ networkName: "-demo" }), /expected a network name of .*, got "-demo"/);
    assert.match(refused({ subnet: "10.10.0.1/24" }), /expected the block's own address 10\.10\.0\.0\/24/);
    assert.match(refused({ engines: 0 }), /expected an engine, got none/);
    assert.match(refused({ label: "a b" }), /expected a label without spaces/);
  });
});
