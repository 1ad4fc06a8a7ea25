import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { assignments, readScript, withVerbs } from "../../components/host-script/scriptText.ts";
import { certificatesIn, credentialsProblem, readCertificates } from "../../components/lib/certificates.ts";
import { unframed } from "../../components/lib/frame.ts";
import { judgeHostCertificates } from "../../lab/commands/doctor/host.ts";
import { type HostCertificate, judgeCertificates } from "../../lab/host/etcd/certificates.ts";
import { readFacts } from "../../lab/host/facts.ts";

const SCRIPT = new URL("../../components/etcd-cluster/certificates.sh", import.meta.url);
const DAY_MS = 86_400_000;
const BOTH = "node1 10.0.0.1\nnode2 10.0.0.2";

/** Runs the script, after it had printed something the last time. */
function issue(variables: Readonly<Record<string, string>> = {}, last = ""): SpawnSyncReturns<string> {
  const all = { MEMBERS: BOTH, ROTATION: "", DAYS: "365", TOKEN: "etcd-cluster-0123456789ab", ...variables };
  return spawnSync("sh", ["-s", "--", "up"], {
    input: `${assignments(all)}\n${withVerbs(readScript(SCRIPT))}`,
    env: { ...process.env, PULUMI_COMMAND_STDOUT: last },
    encoding: "utf8",
  });
}
const printed = (...args: Parameters<typeof issue>) => unframed(issue(...args).stdout) ?? "";
const subjects = (ca: string) => certificatesIn(ca)?.map(({ subject }) => subject);

describe("the certificates of an etcd cluster", () => {
  const first = printed();
  const made = readCertificates(first);
  const certificate = (name: string) => new X509Certificate(made.members[name]?.certificate ?? "");

  it("belong to their keys and to one CA, and a member's is for its addresses", () => {
    for (const { certificate: own, key } of [made.client, ...Object.values(made.members)]) {
      assert.equal(credentialsProblem({ caCertificate: made.ca, certificate: own, key }), undefined);
    }
    const one = certificate("node1");
    assert.equal(one.subjectAltName, "IP Address:10.0.0.1, IP Address:127.0.0.1");
    assert.match(one.subject, /^CN=etcd-member$/m);
    assert.ok(one.validFromDate.getTime() < Date.now() - 3_000_000 && !one.ca);
    assert.equal(Math.round((one.validToDate.getTime() - Date.now()) / DAY_MS), 365);
    const client = new X509Certificate(made.client.certificate);
    assert.deepEqual([client.keyUsage, client.subjectAltName], [["1.3.6.1.5.5.7.3.2"], undefined]);
  });

  it("are kept while nothing changes; a new address has a new one", () => {
    assert.equal(printed({}, first), first);
    const moved = printed({ MEMBERS: "node1 10.0.0.1\nnode2 10.0.0.9" }, first).split("\n");
    const changed = first.split("\n").filter((line) => !moved.includes(line));
    assert.deepEqual(
      changed.map((line) => line.split(" ").slice(0, 3).join(" ")),
      ["member node2 10.0.0.2"],
    );
  });

  it("are renewed with another rotation, in which old and new ones trust each other", () => {
    const rotated = readCertificates(printed({ ROTATION: "2027" }, first));
    const trusts = (ca: string, own: string) =>
      certificatesIn(ca)?.some((each) => new X509Certificate(own).verify(each.publicKey));
    assert.ok(trusts(made.ca, rotated.client.certificate) && trusts(rotated.ca, made.client.certificate));
    assert.notEqual(rotated.client.certificate, made.client.certificate);
    assert.equal(new Set([...(subjects(made.ca) ?? []), ...(subjects(rotated.ca) ?? [])]).size, 3);
    const again = printed({ ROTATION: "2028" }, printed({ ROTATION: "2027" }, first));
    assert.equal(trusts(readCertificates(again).ca, made.client.certificate), false);
  });

  it("are renewed by the same CA if they are to be valid for another time", () => {
    const longer = readCertificates(printed({ DAYS: "30" }, first));
    assert.deepEqual(subjects(longer.ca), subjects(made.ca));
    assert.notEqual(longer.client.certificate, made.client.certificate);
  });

  it("have names that openssl takes, whatever the token", () => {
    assert.match(printed({ TOKEN: "t".repeat(100), MEMBERS: "node1 10.0.0.1" }), /^member node1 /m);
  });

  describe("on a host", () => {
    const now = new Date();
    const own = (whose: "etcd" | "engine" = "etcd", ca = made.ca): HostCertificate => ({
      whose,
      certificate: made.members.node1?.certificate ?? "",
      ca,
    });
    const problems = (each: HostCertificate, address = "10.0.0.1", at = now) =>
      judgeCertificates([each], address, at)?.problems;
    const later = (days: number) => new Date(now.getTime() + days * DAY_MS);

    it("are judged in one sentence each", () => {
      const other = readCertificates(printed({}));
      assert.deepEqual(problems(own()), []);
      assert.match(
        problems(own(), "10.0.0.1", later(366))?.join() ?? "",
        /^the certificate of etcd has expired on \d{4}-\d\d-\d\d$/,
      );
      assert.match(
        problems(own(), "10.0.0.1", later(-1))?.join() ?? "",
        /^the certificate of etcd is not valid before /,
      );
      assert.deepEqual(problems(own("engine", other.ca)), [
        "the engine's certificate for etcd is of another CA than the cluster's",
      ]);
      assert.deepEqual(problems(own(), "10.0.0.7"), [
        "the certificate of etcd is valid for 10.0.0.1, 127.0.0.1, not 10.0.0.7",
      ]);
      assert.deepEqual(problems({ ...own(), certificate: "" }), ["the certificate of etcd is damaged"]);
      assert.equal(judgeCertificates([], "10.0.0.1", now), undefined);
    });

    it("are a warning for lab doctor from 30 days before their end", () => {
      const base64 = (text: string) => Buffer.from(text).toString("base64");
      const facts = readFacts(`certificate etcd ${base64(own().certificate)} ${base64(made.ca)}`);
      const levels = [300, 340, 366].map((days) => judgeHostCertificates(facts, "10.0.0.1", later(days))[0]?.level);
      assert.deepEqual(levels, ["ok", "warning", "problem"]);
      assert.match(
        judgeHostCertificates(facts, "10.0.0.1", later(340))[0]?.what ?? "",
        /are valid until \S+, 24 days$/,
      );
      assert.deepEqual(judgeHostCertificates(readFacts(""), "10.0.0.1"), []);
    });
  });
});
