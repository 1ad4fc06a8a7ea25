import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import {
  ClusterStoreEngine,
  type ClusterStoreEngineArgs,
} from "../../components/cluster-store-engine/ClusterStoreEngine.ts";
import { EtcdCluster, type EtcdClusterArgs } from "../../components/etcd-cluster/EtcdCluster.ts";
import { EtcdMember } from "../../components/etcd-cluster/EtcdMember.ts";
import type { Host } from "../../components/host-script/HostScript.ts";
import { readCertificates } from "../../components/lib/certificates.ts";
import {
  checksumProblem,
  checksumsOf,
  evenSizeWarning,
  failureTolerance,
  flagsProblem,
  membersProblem,
} from "../../components/lib/etcd.ts";
import { readRoster } from "../../components/lib/etcdMembership.ts";
import { OverlayNetwork } from "../../components/overlay-network/OverlayNetwork.ts";
import {
  inputsOf,
  issuedCertificates,
  type Registered,
  recordResources,
  refusalOf,
  resolved,
  settled,
  textOf,
} from "./mocks.ts";

const REMOTE = "command:remote:Command";
const LOCAL = "command:local:Command";
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

describe("etcd, engines with a cluster store, and overlay networks", () => {
  let seen: Registered[];
  let warnings: string[];
  const { warn } = console;
  beforeEach(async () => {
    seen = await recordResources();
    warnings = [];
    console.warn = (text: string) => warnings.push(text); // Pulumi's warnings go there under its mocks
  });
  afterEach(() => {
    console.warn = warn;
  });
  const refusal = (make: () => unknown): string => refusalOf(seen, make);
  const scriptOf = (name: string) => textOf(inputsOf(seen, REMOTE, name).stdin);
  const cluster = (args: Partial<EtcdClusterArgs> = {}) => new EtcdCluster("etcd", { members: members(2), ...args });

  it("a cluster of n members tolerates the loss of a minority, and an even size causes a warning", () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(failureTolerance), [0, 0, 1, 1, 2, 2, 3]);
    assert.equal(evenSizeWarning(2), "2 members tolerate 0 failures, no more than 1 would; 3 tolerate 1");
    assert.equal(evenSizeWarning(6), "6 members tolerate 2 failures, no more than 5 would; 7 tolerate 3");
    assert.deepEqual([1, 3, 5, 7].map(evenSizeWarning), Array(4).fill(undefined));
  });

  it("members are refused with which etcd could not start", () => {
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

  it("members of a cluster with a slow host have longer times between elections, unless their flags say otherwise", async () => {
    const [first, second] = [member(1), member(2)];
    const slow = { ...second, host: { ...second.host, slowness: 6 } as Host };
    const flagsOf = async (args: Partial<EtcdClusterArgs>) => {
      seen = await recordResources();
      cluster(args);
      await settled(seen);
      return /^FLAGS='(.*)'$/m.exec(scriptOf("etcd-docker-node1"))?.[1];
    };
    assert.equal(await flagsOf({ members: [first, second] }), "");
    assert.equal(await flagsOf({ members: [first, slow] }), "--election-timeout=6000 --heartbeat-interval=600");
    const flags = { "election-timeout": "9000" };
    assert.equal(await flagsOf({ members: [first, slow], flags }), "--election-timeout=9000 --heartbeat-interval=600");
  });

  it("flags are refused if they are not one word each, or follow from the members", () => {
    assert.equal(flagsProblem({ "snapshot-count": "5000", "log-level": "info" }), undefined);
    for (const flag of ["data-dir", "initial-cluster", "name", "listen-client-urls", "enable-v2"]) {
      assert.match(flagsProblem({ [flag]: "x" }) ?? "", /follows from the members/);
    }
    assert.match(flagsProblem({ "--debug": "true" }) ?? "", /without leading hyphens/);
    assert.match(flagsProblem({ debug: "$(reboot)" }) ?? "", /expected a value of letters/);
  });

  it("an archive is refused without the v2 API, a checksum or an address, before anything is created", async () => {
    const archive = (version: string, sha256 = { amd64: SHA256 }, url?: string, enableV2?: boolean) => {
      const source = { kind: "archive", version, sha256, url } as const;
      return () =>
        new EtcdMember("one", {
          ...member(1),
          token: "t",
          initialCluster: "docker-node1=http://192.168.174.141:2380",
          source,
          ...(enableV2 !== undefined && { enableV2 }),
        });
    };
    for (const version of ["3.6.0", "3.2.32", "4.0.0", "3.4", "latest"]) {
      assert.match(refusal(archive(version)), /expected an etcd version from 3\.3 to 3\.5, such as .*; got "/);
    }
    for (const version of ["3.7.0", "3.2.32"]) {
      assert.match(
        refusal(archive(version, undefined, undefined, false)),
        /from 3\.3 to 3\.6, such as 3\.6\.16, for a cluster without/,
      );
    }
    assert.match(refusal(archive("3.5.21", { amd64: "abc" })), /SHA-256 of 64 hexadecimal digits for amd64, got "abc"/);
    assert.match(refusal(archive("3.5.21", {} as { amd64: string })), /for amd64, arm64 or both, got none/);
    assert.match(refusal(archive("3.5.21", { amd64: SHA256 }, "ftp://a/b")), /https, http or file, got "ftp:/);
    seen = await recordResources();
    archive("3.6.0", undefined, undefined, false)();
    await settled(seen);
    assert.match(scriptOf("one"), /^V2='no'\nVERSION='3\.6\.0'$/m);
  });

  it("an archive of a known release needs no checksum, and another one does", () => {
    assert.match(checksumsOf("3.5.21").arm64 ?? "", /^[0-9a-f]{64}$/);
    assert.equal(checksumProblem(checksumsOf("3.5.21")), undefined);
    assert.deepEqual(checksumsOf("3.5.21", { amd64: SHA256 }), { amd64: SHA256 });
    assert.match(checksumProblem(checksumsOf("3.4.27")) ?? "", /for amd64, arm64 or both, got none/);
  });

  it("EtcdCluster starts its members with one token, and checks the quorum on the first one", async () => {
    cluster({ flags: { b: "2", a: "1" }, source: { kind: "archive", version: "3.5.21", sha256: { arm64: SHA256 } } });
    await settled(seen);
    const initial = "docker-node1=https://192.168.174.141:2380,docker-node2=https://192.168.174.142:2380";
    assert.deepEqual(inputsOf(seen, LOCAL, "etcd-creation").triggers, ["etcd-cluster"]);
    assert.deepEqual(inputsOf(seen, REMOTE, "etcd-docker-node2").triggers, [
      "192.168.174.142",
      "docker-node2",
      "etcd-cluster-0123456789ab",
    ]);
    const second = scriptOf("etcd-docker-node2");
    assert.match(second, new RegExp(`^MEMBERS='${initial}'$`, "m"));
    assert.match(second, /^FLAGS='--a=1 --b=2'$/m);
    assert.match(second, /^V2='yes'$/m);
    assert.match(
      second,
      /^URL='https:\/\/github\.com\/etcd-io\/etcd\/releases\/download\/v3\.5\.21\/etcd-v3\.5\.21-linux-\{arch\}\.tar\.gz'$/m,
    );
    assert.match(second, /^SHA256_AMD64=''\nSHA256_ARM64='0{64}'$/m);
    assert.match(
      scriptOf("etcd-quorum"),
      /^PEERS='docker-node1 https:\/\/192\.168\.174\.141:2379 https:\/\/192\.168\.174\.141:2380\ndocker-node2 /m,
    );
  });

  it("EtcdCluster has certificates of its own, and none without TLS", async () => {
    const own = cluster();
    const plain = new EtcdCluster("plain", { members: members(2), tls: false });
    await settled(seen);
    const second = scriptOf("etcd-docker-node2");
    for (const [variable, text] of Object.entries({ CA: "CERT", CERTIFICATE: "CERT", KEY: "PRIVATE KEY" })) {
      assert.match(second, new RegExp(`^${variable}='-----BEGIN ${text}`, "m"));
      assert.match(scriptOf("plain-docker-node2"), new RegExp(`^${variable}=''$`, "m"));
    }
    assert.equal(await resolved(own.clientUrls.apply((urls) => urls["docker-node1"])), "https://192.168.174.141:2379");
    assert.equal(await resolved(plain.peerUrls.apply((urls) => urls["docker-node1"])), "http://192.168.174.141:2380");
    assert.deepEqual(await Promise.all([own.caCertificate, own.clientKey].map((each) => pulumi.isSecret(each))), [
      false,
      true,
    ]);
    assert.equal(await resolved(plain.clientCertificate), "");
    assert.deepEqual(
      seen.filter(({ name }) => name.includes("certificates")).map(({ name }) => name),
      ["etcd-certificates"],
    );
  });

  it("EtcdCluster refuses a rotation that is no word, and certificates without an end", () => {
    assert.match(
      refusal(() => cluster({ rotation: "a b" })),
      /expected a word of letters.* for the rotation, got "a b"/,
    );
    assert.match(
      refusal(() => cluster({ certificateDays: 0 })),
      /expected certificates to be valid for 1 to 3650 days, got 0/,
    );
  });

  it("EtcdCluster says what its quorum is, and asks all members that it had for the living cluster", async () => {
    const { quorum } = cluster({ members: members(3) });
    assert.equal(
      await resolved(quorum),
      "3 members (docker-node1, docker-node2, docker-node3): quorum 2, tolerates 1 failure",
    );
    const roster = [
      "exists yes",
      "token t",
      "former docker-node9 http://10.0.0.9:2379 http://10.0.0.9:2380 10.0.0.9 own",
    ];
    assert.deepEqual(readRoster(roster.join("\n")), {
      exists: true,
      alone: "",
      former: [{ memberName: "docker-node9", address: "10.0.0.9", clientPort: 2379, peerPort: 2380 }],
    });
    const [secure] = readRoster(roster.join("\n").replaceAll("http:", "https:")).former;
    assert.equal(secure?.tls, true);
    assert.deepEqual(readRoster("exists no\ntoken t"), { exists: false, alone: "", former: [] });
  });

  it("a member of a host that is gone is no longer one, and another host checks the quorum", async () => {
    const [first, ...others] = members(3) as [ReturnType<typeof member>, ReturnType<typeof member>];
    const gone = { ...first, host: { ...first.host, gone: true } as Host };
    const { quorum } = cluster({ members: [gone, ...others] });
    await settled(seen);
    assert.equal(await resolved(quorum), "2 members (docker-node2, docker-node3): quorum 2, tolerates 0 failures");
    assert.match(scriptOf("etcd-quorum"), /^NAME='docker-node2'$/m);
    assert.match(scriptOf("etcd-docker-node3"), /^MEMBERS='docker-node2=[^,]*,docker-node3=[^,]*'$/m);
    assert.match(scriptOf("etcd-docker-node3"), /^PEERS='docker-node3 .*\ndocker-node1 /m);
  });

  describe("the roster of a cluster", () => {
    const line = (number: number, host: string, kind = "made") =>
      `node${number} http://10.0.0.${number}:2379 http://10.0.0.${number}:2380 ${host} ${kind}`;
    const roster = (now: readonly string[], last = "", token = "t") =>
      spawnSync("sh", ["-c", ". ./roster.sh; up"], {
        cwd: new URL("../../components/etcd-cluster/", import.meta.url),
        env: { ...process.env, MEMBERS: now.join("\n"), TOKEN: token, PULUMI_COMMAND_STDOUT: last },
        encoding: "utf8",
      });
    const first = roster([line(1, "a"), line(2, "b")]).stdout;

    it("knows the first cluster, and later its former members", () => {
      assert.equal(first, `exists no\ntoken t\nmember ${line(1, "a")}\nmember ${line(2, "b")}\n`);
      const second = roster([line(2, "b"), line(3, "c")], first).stdout;
      assert.equal(
        second,
        `exists yes\ntoken t\nmember ${line(2, "b")}\nmember ${line(3, "c")}\nformer ${line(1, "a")}\n`,
      );
    });

    it("knows that all data is lost only if Pulumi replaced every host", () => {
      const { stdout, stderr } = roster([line(1, "x"), line(2, "y")], first);
      assert.match(stdout, /^exists no\n(?!.*former)/s);
      assert.match(stderr, /the hosts of all its members were replaced, and their data is lost: it starts empty/);
      assert.match(roster([line(1, "a"), line(2, "y")], first).stdout, /^exists yes\n/);
      const own = roster([line(1, "10.0.0.1", "own")]).stdout;
      assert.match(roster([line(2, "10.0.0.2", "own")], own).stdout, /^exists yes\n/);
    });

    it("knows no member of a cluster with another token", () => {
      assert.match(roster([line(1, "a")], first, "u").stdout, /^exists no\ntoken u\n/);
    });
  });

  it("the token of a cluster is kept, and another prefix draws another one", () => {
    const drawn = (prefix: string, last: string) =>
      spawnSync("sh", ["-c", ". ./creation.sh; up"], {
        cwd: new URL("../../components/etcd-cluster/", import.meta.url),
        env: { ...process.env, PREFIX: prefix, PULUMI_COMMAND_STDOUT: last },
        encoding: "utf8",
      }).stdout.trim();
    const token = drawn("etcd", "");
    assert.match(token, /^etcd-[0-9a-f]{12}$/);
    assert.equal(drawn("etcd", token), token);
    assert.match(drawn("other", token), /^other-/);
  });

  it("EtcdCluster of an even size causes a warning, and is created", async () => {
    for (const size of [2, 3]) new EtcdCluster(`etcd${size}`, { members: members(size) });
    await settled(seen);
    assert.deepEqual(warnings, [`warning: [runtime] etcd cluster etcd2: ${evenSizeWarning(2)}`]);
    assert.ok(scriptOf("etcd2-docker-node2") && scriptOf("etcd3-docker-node3"));
  });

  const engine = (args: Partial<ClusterStoreEngineArgs> = {}) =>
    new ClusterStoreEngine("engine", {
      host: host("192.168.174.141"),
      endpoint: "http://192.168.174.141:2379",
      clusterToken: "etcd-cluster-1",
      address: "192.168.174.141",
      ...args,
    });

  it("ClusterStoreEngine opens no socket by default, and is replaced for another cluster only", async () => {
    engine();
    await settled(seen);
    assert.match(scriptOf("engine"), /^LISTEN=''\nOWNER=''\nPORT='2375'$/m);
    assert.deepEqual(inputsOf(seen, REMOTE, "engine").triggers, ["192.168.174.141", "etcd-cluster-1"]);
  });

  it("ClusterStoreEngine warns of a socket that gives root to its clients", async () => {
    engine({ listen: ["tcp://0.0.0.0:2375", "unix:///run/other.sock"] });
    await settled(seen);
    assert.match(scriptOf("engine"), /^LISTEN='tcp:\/\/0\.0\.0\.0:2375 unix:\/\/\/run\/other\.sock'$/m);
    assert.deepEqual(warnings, [
      "warning: [runtime] engine engine: every client of tcp://0.0.0.0:2375 has root access to its host",
    ]);
  });

  it("ClusterStoreEngine refuses certificates that the engine would pass over in silence", () => {
    const { ca, client, members: issued } = readCertificates(issuedCertificates());
    const [caCertificate, clientCertificate, clientKey] = [ca, client.certificate, client.key];
    const all = { endpoint: "https://192.168.174.141:2379", caCertificate, clientCertificate, clientKey };
    const refused = (args: Partial<ClusterStoreEngineArgs>) => refusal(() => engine({ ...all, ...args }));
    assert.match(refused({ clientKey: "" }), /expected a CA certificate, a certificate and its key, or none of them/);
    assert.match(refused({ endpoint: "http://192.168.174.141:2379" }), /is without TLS, and .* are only for https/);
    assert.match(
      refusal(() => engine({ endpoint: all.endpoint })),
      /needs caCertificate, clientCertificate and clientKey, which are outputs of EtcdCluster/,
    );
    assert.match(refused({ clientKey: issued.NAME?.key ?? "" }), /the key is not that of the certificate etcd-client/);
    assert.match(refused({ clientKey: "secret" }), /expected the key in PEM [^"]*$/);
    assert.match(refused({ clientCertificate: clientCertificate.slice(0, 200) }), /expected the certificate in PEM/);
    assert.match(
      refused({ caCertificate: issued.NAME?.certificate ?? "" }),
      /the certificate etcd-client is not one of the CA etcd-member/,
    );
  });

  it("ClusterStoreEngine refuses invalid addresses and sockets", () => {
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
      engines: members(args.engines ?? 3).map(({ host, address }) => ({
        host,
        address,
        store: `etcd://${address}:2379`,
      })),
      clusterToken: "etcd-cluster-1",
      labels: { "dockernet.stack": args.label ?? "practice", "dockernet.lab": "overlay" },
    });

  it("OverlayNetwork is created on the first engine and looked up on every other one", async () => {
    overlay();
    await settled(seen);
    const scripts = seen.filter(({ type }) => type === REMOTE).map(({ name }) => name);
    assert.deepEqual(scripts.sort(), ["demo", "demo-engine-2", "demo-engine-3"]);
    assert.match(scriptOf("demo"), /^LABELS='dockernet\.lab=overlay\ndockernet\.stack=practice'$/m);
    assert.match(
      scriptOf("demo-engine-3"),
      /^ADDRESS='192\.168\.174\.143'\nADDRESSES='192\.168\.174\.141 192\.168\.174\.142 192\.168\.174\.143'$/m,
    );
    assert.match(scriptOf("demo-engine-3"), /^STORE='etcd:\/\/192\.168\.174\.143:2379'$/m);
  });

  it("OverlayNetwork refuses invalid names, blocks, labels and engines", () => {
    const refused = (args: Parameters<typeof overlay>[0]) => refusal(() => overlay(args));
    assert.match(refused({ networkName: "-demo" }), /expected a network name of .*, got "-demo"/);
    assert.match(refused({ subnet: "10.10.0.1/24" }), /expected the block's own address 10\.10\.0\.0\/24/);
    assert.match(refused({ engines: 0 }), /expected at least one engine, got none/);
    assert.match(refused({ label: "a b" }), /expected a label without spaces/);
  });
});
