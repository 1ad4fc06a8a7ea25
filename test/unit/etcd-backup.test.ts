import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { cautions, type MemberLook, refusals, stateOf, stepsOf } from "../../lab/commands/restore/plan.ts";
import { packArchive, unpackArchive } from "../../lab/host/etcd/archive.ts";
import { copyProblem, digestOf, type EtcdKey, readKeys } from "../../lab/host/etcd/keys.ts";
import { readRoom, roomProblems } from "../../lab/host/etcd/room.ts";
import { readFacts } from "../../lab/host/facts.ts";
import { backupName, packBackup, prune, readBackup, unpackBackup, writeBackup } from "../../lab/state/etcdBackup.ts";
import { attempt } from "../../toolchain/run.ts";

const key = (name: string, index: number, value = "v", api: EtcdKey["api"] = "v2"): EtcdKey => ({
  api,
  key: name,
  index,
  value,
});
const KEYS = [key("/docker/network/v1.0/network/a", 4), key("YQ==", 2, "b", "v3")];
const MEMBERS = { "docker-node1": "http://10.0.0.1:2380", "docker-node2": "http://10.0.0.2:2380" };
const TIME = "2026-11-24T16:21:27.123Z";
const taken = () => ({
  environment: "practice",
  time: TIME,
  etcd: "3.4.23",
  token: "etcd-cluster-0123456789ab",
  source: "docker-node1",
  members: MEMBERS,
  keys: KEYS,
  data: gzipSync("the data of a member"),
  snapshot: gzipSync("a snapshot"),
});

describe("the archive of a backup", () => {
  it("is read by tar, and unpacked again", async () => {
    const files = [
      { name: "one", content: Buffer.from("1") },
      { name: "none", content: Buffer.alloc(0) },
      { name: "block", content: Buffer.alloc(512, "x") },
    ];
    const archive = packArchive(files, new Date(TIME));
    assert.deepEqual(unpackArchive(archive), files);
    const folder = mkdtempSync(join(tmpdir(), "dockernet-tar-"));
    writeFileSync(join(folder, "a.tar"), archive);
    assert.equal(await attempt("tar", ["-tf", join(folder, "a.tar")]), "one\nnone\nblock");
    rmSync(folder, { recursive: true });
  });
});

describe("the file of a backup", () => {
  const good = packBackup(taken());
  const refused = (content: Buffer, why: RegExp) => assert.throws(() => unpackBackup(content, "the.tar"), why);

  it("has a manifest with checksums, and what was taken", () => {
    const { manifest, keys, data } = unpackBackup(good, "the.tar");
    assert.deepEqual([manifest.etcd, manifest.members, manifest.keys], ["3.4.23", MEMBERS, digestOf(KEYS)]);
    assert.deepEqual([keys, data.equals(taken().data)], [KEYS, true]);
  });
  it("is refused if it is empty, something else, or ends too early at any point", () => {
    refused(Buffer.alloc(0), /the\.tar is no usable backup: it is empty; take another file/);
    refused(Buffer.from("x".repeat(2000)), /it is not a tar archive, or it ends too early/);
    for (const part of [1, 511, 512, 1000, good.length - 1024]) refused(good.subarray(0, part), /no usable backup/);
  });
  it("is refused if any byte of a file is another one", () => {
    for (let at = 0; at < good.length - 1024; at += 97) {
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ 1;
      let same = false;
      try {
        const { manifest, keys, data } = unpackBackup(changed, "the.tar");
        // Padding, owners and times of the archive mean nothing, and the manifest's own text is compared with the cluster.
        same = keys.length === KEYS.length && data.equals(taken().data) && manifest.format === 1;
      } catch {
        same = true;
      }
      assert.ok(same, `byte ${at}`);
    }
  });
  it("is written readable by its owner only, and never over a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "dockernet-backup-"));
    const file = join(folder, "deep", "etcd.tar");
    writeBackup(file, good);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(folder, "deep")), ["etcd.tar"]);
    assert.throws(() => writeBackup(file, Buffer.from("other")), /exists already; choose another file/);
    assert.ok(readFileSync(file).equals(good));
    assert.equal(readBackup(file).manifest.environment, "practice");
    assert.throws(() => readBackup(join(folder, "none")), /could not be read: ENOENT/);
    rmSync(folder, { recursive: true });
  });
  it("stays if it is among the newest, and other files stay always", () => {
    const folder = mkdtempSync(join(tmpdir(), "dockernet-backup-"));
    const names = [1, 2, 3].map((day) => backupName(new Date(`2026-11-0${day}T01:02:03.456Z`)));
    for (const name of [...names, "mine.tar"]) writeFileSync(join(folder, name), "");
    assert.deepEqual(names[0], "etcd-2026-11-01T01-02-03Z.tar");
    assert.deepEqual(prune(folder, 2), [join(folder, names[0] ?? "")]);
    assert.deepEqual(readdirSync(folder).sort(), [names[1], names[2], "mine.tar"]);
    rmSync(folder, { recursive: true });
  });
});

describe("the keys of a cluster", () => {
  it("are those of both APIs that do not expire", () => {
    const v2 = {
      node: {
        dir: true,
        nodes: [
          { key: "/a", value: "1", modifiedIndex: 3 },
          { key: "/gone", value: "2", modifiedIndex: 4, expiration: "2026-11-24T16:21:27Z", ttl: -5 },
          { key: "/d", dir: true, nodes: [{ key: "/d/e", value: "", modifiedIndex: 5 }] },
        ],
      },
    };
    const v3 = {
      kvs: [
        { key: "YQ==", mod_revision: 2, value: "Yg==" },
        { key: "bA==", mod_revision: 3, lease: 7 },
      ],
    };
    const keys = readKeys(JSON.stringify(v2), JSON.stringify(v3));
    assert.deepEqual(
      keys?.map((each) => `${each.api} ${each.key} ${each.index}`),
      ["v2 /a 3", "v2 /d/e 5", "v3 YQ== 2"],
    );
    const [a, , b] = keys ?? [];
    const hashed = JSON.stringify({ kvs: [{ key: "YQ==", mod_revision: 2, sha256: b?.value }] });
    const shortened = JSON.stringify({ node: { key: "/a", sha256: a?.value, modifiedIndex: 3 } });
    assert.deepEqual(readKeys(shortened, hashed), [a, b], "a host sends hashes in the place of values");
    assert.equal(readKeys(JSON.stringify(v2), undefined), undefined);
    assert.equal(readKeys("{}", JSON.stringify(v3)), undefined);
  });
  it("are compared in one pass, however many there are", () => {
    const many = Array.from({ length: 20_000 }, (_, index) => key(`/bench/${index}`, index));
    assert.equal(copyProblem(many, many, many), undefined);
  });
  it("are in a good copy: each one that did not change meanwhile, and no other", () => {
    assert.equal(copyProblem(KEYS, KEYS, KEYS), undefined);
    const changed = [key("/docker/network/v1.0/network/a", 9, "new"), ...KEYS.slice(1)];
    assert.equal(copyProblem(KEYS, KEYS, changed), undefined);
    assert.equal(copyProblem(changed, KEYS, changed), undefined);
    assert.match(copyProblem(KEYS.slice(1), KEYS, KEYS) ?? "", /it lacks the key \/docker\/network/);
    assert.match(copyProblem([...KEYS, key("/x", 1)], KEYS, KEYS) ?? "", /it has the key \/x, which the cluster/);
    assert.match(copyProblem([key("/docker/network/v1.0/network/a", 3)], KEYS, KEYS) ?? "", /another value of it/);
    assert.match(copyProblem(KEYS.slice(0, 1), KEYS, KEYS) ?? "", /it lacks the key "a"/);
  });
});

describe("a restore", () => {
  const backup = unpackBackup(packBackup(taken()), "the.tar");
  const member = (name: "docker-node1" | "docker-node2", more: Partial<MemberLook> = {}): MemberLook => ({
    ...{ name, peer: MEMBERS[name], version: "3.4.30", token: "etcd-cluster-0123456789ab", free: 1e9 },
    ...{ written: undefined, complaint: "", running: false, healthy: false, keys: undefined },
    ...more,
  });
  const both = (more: Partial<MemberLook> = {}) => [member("docker-node1", more), member("docker-node2", more)];
  const why = (environment: string, members: readonly MemberLook[]) =>
    refusals(environment, backup, members, 1e8).join("; ");

  it("takes the backup of its own cluster", () => assert.equal(why("practice", both()), ""));
  for (const [what, environment, members, says] of [
    ["another environment", "other", both(), /it is a backup of the environment practice/],
    [
      "another cluster",
      "practice",
      both({ token: "etcd-cluster-x" }),
      /of another cluster: its token is etcd-cluster-01/,
    ],
    [
      "another version",
      "practice",
      both({ version: "3.5.21" }),
      /taken from etcd 3\.4\.23, and docker-node1 has etcd 3\.5/,
    ],
    [
      "other members",
      "practice",
      [member("docker-node1")],
      /it is of the members .*, and the environment has docker-node1=/,
    ],
    [
      "a disk without room",
      "practice",
      both({ free: 1e8 }),
      /docker-node1 has 100 MB of free disk space .* needs 200 MB/,
    ],
  ] as const) {
    it(`refuses that of, or for, ${what}`, () => assert.match(why(environment, members), says));
  }

  const risks = (...members: MemberLook[]) => cautions(backup, members).join("; ");
  it("has no risk where the data is lost, or the cluster is a new, empty one", () => {
    assert.equal(risks(...both()), "");
    assert.equal(risks(...both({ running: true, healthy: true, keys: [] })), "");
    assert.equal(risks(member("docker-node1", { running: true, keys: KEYS }), member("docker-node2")), "");
  });
  it("names what would be lost: a healthy cluster, newer keys, newer data that does not run", () => {
    assert.match(risks(...both({ running: true, healthy: true, keys: KEYS })), /^the cluster is healthy/);
    const newer = [...KEYS, key("/new", 9)];
    assert.match(
      risks(...both({ running: true, keys: newer })),
      /docker-node1 holds 1 keys that the backup lacks .* \/new/,
    );
    const late = { written: new Date("2026-11-24T17:00:00Z") };
    assert.match(risks(...both(late)), /docker-node1 does not run, and its data was written after the backup/);
    assert.equal(risks(...both({ ...late, complaint: "crc mismatch" })), "");
    assert.equal(risks(...both({ written: new Date("2026-11-24T16:00:00Z") })), "");
  });
  it("says what is there, and what it does", () => {
    assert.equal(stateOf(member("docker-node1")), "docker-node1: not running, no data");
    assert.match(
      stateOf(member("docker-node2", { running: true, keys: KEYS })),
      /running without a quorum, 1 keys of the v2/,
    );
    assert.equal(stepsOf(both()).length, 4);
  });
});

describe("the room of an etcd member", () => {
  const room = (...lines: string[]) => roomProblems(readRoom(readFacts(["folder /data", ...lines].join("\n"))));
  const titles = (...lines: string[]) => room(...lines).map(({ title, cure }) => `${cure}: ${title}`);
  const WELL = ["free 5000000000", 'status {"dbSize":"24576"}', "alarms {}", "quota 2.147483648e+09"];

  it("is enough on a healthy one, and where nothing is known", () => {
    assert.deepEqual(titles(...WELL, "hash http://10.0.0.1:2379, 17", "hash http://10.0.0.2:2379, 17"), []);
    assert.deepEqual(titles(), []);
    assert.deepEqual(titles("free ", "complaint "), []);
  });
  it("is too small on a full disk", () =>
    assert.deepEqual(titles("free 1000000"), ["free: 1 MB free in /data, and etcd needs 128 MB"]));
  it("is too small at the quota, with the alarm and shortly before", () => {
    const quota = ['status {"dbSize":"16000000"}', "quota 1.6777216e+07"];
    assert.match(titles(...quota, "alarms {}").join(), /^compact: the database has 16 MB of its quota of 16 MB$/);
    const alarm = 'alarms {"alarms":[{"memberID":"1","alarm":"NOSPACE"},{"memberID":"2","alarm":"NOSPACE"}]}';
    assert.match(titles(...quota, alarm).join(), /^compact: alarm NOSPACE: .*, and the v3 API refuses writes$/);
  });
  it("is of no use with data that is corrupt, or differs among members", () => {
    const alarm = 'alarms {"alarms":[{"memberID":"1","alarm":"CORRUPT"}]}';
    assert.match(titles(alarm, ...WELL).join(), /^restore: alarm CORRUPT: a member found its data corrupt$/);
    assert.match(titles(...WELL, "hash a, 1", "hash b, 2").join(), /^restore: its members hold different v3 keys$/);
    assert.match(
      titles("free 5000000000", "complaint crc mismatch").join(),
      /^replace: etcd does not work with the data/,
    );
    assert.deepEqual(titles("free 5000000000", "gone yes", "complaint cluster ID mismatch"), [
      "replace: there is no data in /data: its disk is not mounted, or it was deleted",
    ]);
  });
});
