import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { ClusterStoreEngine } from "../../components/cluster-store-engine/ClusterStoreEngine.ts";
import { EtcdCluster } from "../../components/etcd-cluster/EtcdCluster.ts";
import type { EtcdSettings } from "../../components/etcd-cluster/EtcdMember.ts";
import { HostScript } from "../../components/host-script/HostScript.ts";
import { hostAddress } from "../../components/lib/cidr.ts";
import { OverlayNetwork } from "../../components/overlay-network/OverlayNetwork.ts";
import { PracticeNode } from "../../components/practice-node/PracticeNode.ts";
import { ServiceImage } from "../../components/ServiceImage.ts";
import { SshKey } from "../../components/ssh-key/SshKey.ts";
import { imageSource } from "../../stacks/images.ts";
import { run } from "../../toolchain/run.ts";
import { inlineStack } from "../inlineStack.ts";
import { type TestStack, testStack } from "../stack.ts";

const IMAGE = new URL("image.sh", import.meta.url);
const NAMES = ["docker-node1", "docker-node2"] as const;
const DROP_IN = "/etc/systemd/system/docker.service.d/zz-dockernet-cluster-store.conf";
/** Everything that an etcd cluster and a cluster store could leave on a node. */
const TRACES = `ls -d /etc/systemd/system/*etcd* /etc/systemd/system/docker.service.d /etc/systemd/system/*.wants/*etcd* \
  /var/lib/dockernet* /etc/dockernet* /var/lib/private/*etcd* /usr/local/etcd* /usr/local/bin/* /var/log/dockernet* /run/dockernet* \
  /var/tmp/dockernet* /etc/docker/daemon.json* 2>/dev/null; cat /etc/docker/daemon.json; pgrep -a etcd;
  systemctl cat docker.service;
  tr '\\0' ' ' </proc/$(pidof dockerd)/cmdline; docker network ls --format '{{.Name}}'; docker info --format '{{.ClusterStore}} {{.LiveRestoreEnabled}}' 2>/dev/null`;

/** Traffic between members, in both directions. */
const PEERS = ["--protocol", "tcp", "--match", "multiport", "--ports", "2380", "--jump", "DROP"];

interface Options extends EtcdSettings {
  /** Extent of the program: only nodes, plus an etcd cluster, plus engines that use it, plus a network. */
  readonly until: "nodes" | "cluster" | "engines" | "network";
  readonly listen?: string[];
  readonly tokenPrefix?: string;
  readonly protect?: boolean;
  readonly quorumTimeoutSec?: number;
  /** Without TLS unless told, as in the tutorial. */
  readonly tls?: boolean;
  readonly rotation?: string;
  /** What takes the place of the certificates that the engines get. */
  readonly forged?: Partial<Credentials>;
}

interface Credentials {
  readonly caCertificate: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

describe("an etcd cluster, engines that keep their networks in it, and an overlay network", function () {
  this.timeout(300_000);
  const name = `dockernet-etcd-${randomBytes(4).toString("hex")}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-etcd-"));
  const addresses = [hostAddress(subnet, 11), hostAddress(subnet, 12)] as const;
  const labels = { "dockernet.test": name };
  let stack: TestStack;
  let clean: string[];

  const program =
    ({ until, listen, protect, forged, tls = false, ...settings }: Options): PulumiFn =>
    async () => {
      const lan = new BridgeNetwork("lan", { networkName: name, subnet, labels });
      const image = new ServiceImage("node", { source: imageSource("node", "debian") }).imageId;
      const userKey = new SshKey("user-key", { file: join(work, "keys", "id_ed25519") });
      const common = { image, network: lan.networkName, userKey, labels };
      const node = (index: 0 | 1, after?: PracticeNode) =>
        new PracticeNode(
          `node${index + 1}`,
          {
            ...common,
            containerName: containers[index],
            hostname: NAMES[index],
            address: addresses[index],
            volumeName: containers[index],
          },
          { dependsOn: after },
        );
      const first = node(0);
      // The second host has a user with sudo, as on most cloud hosts.
      const hosts = [first.host, node(1, first).userHost] as const;
      const tiny = new HostScript("tiny", { host: first.host, script: IMAGE, variables: { NAME: "tiny" } });
      if (until === "nodes") return { image: tiny.stdout };

      const members = hosts.map((host, index) => ({
        host,
        address: addresses[index] ?? "",
        memberName: NAMES[index] ?? "",
      }));
      const cluster = new EtcdCluster("etcd", { members, tls, ...settings }, { protect });
      const { clientUrls, token, caCertificate, clientCertificate, clientKey } = cluster;
      if (until === "cluster") return { token, clientUrls };
      const credentials = { caCertificate, clientCertificate, clientKey, ...forged };

      const engines = hosts.map((host, index) => {
        const endpoint = clientUrls.apply((urls) => urls[NAMES[index] ?? ""] ?? "");
        const address = addresses[index] ?? "";
        const options = { host, endpoint, clusterToken: token, address, listen: index === 0 ? listen : undefined };
        return { host, store: new ClusterStoreEngine(`engine${index + 1}`, { ...options, ...credentials }).store };
      });
      if (until === "engines") return { token, stores: engines.map(({ store }) => store) };

      const network = { networkName: "demo", subnet: "10.10.0.0/24", engines, clusterToken: token, labels };
      const { networkId } = new OverlayNetwork("demo", network);
      return { token, clientUrls, networkId, image: tiny.stdout, ...credentials };
    };
  const containers = [`${name}-1`, `${name}-2`] as const;
  const on = (index: number, ...command: string[]) => run("docker", ["exec", containers[index] ?? "", ...command]);
  const both = (...command: string[]) => Promise.all([on(0, ...command), on(1, ...command)]);
  const up = async (options: Options) => {
    const { stdout } = await stack.up({ program: program(options) });
    const outputs = await stack.outputs();
    return { values: Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value])), stdout };
  };
  const failure = (options: Options): Promise<string> =>
    stack.up({ program: program(options) }).then(
      () => assert.fail("no error"),
      (error: Error) => error.message,
    );
  /** A key that exists in the cluster since the first test. */
  const kept = () => both("env", "ETCDCTL_API=2", "etcdctl", "get", "/kept");
  const memberProcess = (index: number) => on(index, "pgrep", "-a", "etcd");

  before(async () => {
    stack = testStack(await inlineStack("etcd", "test", work));
    await up({ until: "nodes" });
    // One engine with custom settings, one without.
    await on(0, "sh", "-c", `echo '{ "log-level": "info" }' >/etc/docker/daemon.json`);
    clean = await both("sh", "-c", TRACES);
  });
  after(async () => {
    await stack.destroy();
    rmSync(work, { recursive: true });
  });

  let token: string;
  let networkId: string;

  it("comes up: both members healthy, one network on both engines, its key in etcd", async () => {
    const { values, stdout } = await up({ until: "network" });
    assert.match(stdout, /warning: etcd cluster etcd: 2 members tolerate 0 failures/);
    ({ token, networkId } = values);
    assert.match(token, /^etcd-cluster-[0-9a-f]{12}$/);
    assert.deepEqual(Object.keys(values.clientUrls), [...NAMES]);
    for (const health of await both("env", "ETCDCTL_API=2", "etcdctl", "cluster-health")) {
      assert.match(health, /^(member .* is healthy.*\n){2}cluster is healthy$/);
    }
    assert.deepEqual(await both("docker", "network", "inspect", "--format", "{{.Id}}", "demo"), [networkId, networkId]);
    for (const [index, address] of addresses.entries()) {
      const key = `http://${address}:2379/v2/keys/docker/network/v1.0/network/${networkId}`;
      assert.equal(JSON.parse(JSON.parse(await on(index, "curl", "--silent", key)).node.value).name, "demo");
    }
    await on(0, "env", "ETCDCTL_API=2", "etcdctl", "set", "/kept", "yes");
  });

  it("shows no change in a second preview", async () => {
    await stack.preview({ program: program({ until: "network" }), expectNoChanges: true });
  });

  it("runs the members with the tutorial's flags, as a new user", async () => {
    const [a, b] = addresses;
    assert.equal(
      (await memberProcess(0)).replace(/^\d+ /, ""),
      `/usr/bin/etcd --name docker-node1 --initial-advertise-peer-urls http://${a}:2380 --listen-peer-urls http://${a}:2380 ` +
        `--listen-client-urls http://${a}:2379,http://127.0.0.1:2379 --advertise-client-urls http://${a}:2379 ` +
        `--initial-cluster-token ${token} --initial-cluster docker-node1=http://${a}:2380,docker-node2=http://${b}:2380 ` +
        "--initial-cluster-state new --data-dir /var/lib/dockernet-etcd-docker-node1/data --enable-v2",
    );
    for (const user of await both("sh", "-c", "ps -o uid= -p $(pidof etcd)")) assert.ok(Number(user) >= 61_184, user);
  });

  it("restarts an engine for another socket, and its containers keep running, on the bridge and on the overlay", async () => {
    await on(0, "docker", "run", "--detach", "--name", "on-bridge", "tiny");
    await on(0, "docker", "run", "--detach", "--name", "on-overlay", "--network", "demo", "tiny");
    const processes = () => on(0, "docker", "inspect", "--format", "{{.State.Pid}}", "on-bridge", "on-overlay");
    const before = await processes();
    const { stdout } = await up({ until: "network", listen: ["tcp://127.0.0.1:2375"] });
    assert.match(stdout, /every client of tcp:\/\/127\.0\.0\.1:2375 has root access/);
    assert.match(await on(0, "curl", "--silent", "http://127.0.0.1:2375/info"), /"ClusterStore":"etcd:/);
    assert.equal(await processes(), before);
    const said = await failure({ until: "network", listen: ["tcp://192.0.2.1:2375"] });
    assert.match(said, /it does not start with it; its last lines:.*the previous configuration was restored/s);
    await up({ until: "network" });
    assert.equal(await processes(), before);
    await on(0, "docker", "rm", "--force", "on-overlay");
  });

  it("recovers by itself after both nodes were restarted at once", async () => {
    await Promise.all(containers.map((container) => run("docker", ["restart", container])));
    const seen = () =>
      both("timeout", "5", "docker", "network", "inspect", "--format", "{{.Id}}", "demo").catch(() => []);
    for (let tries = 0; (await seen()).join() !== [networkId, networkId].join(); tries += 1) {
      assert.ok(tries < 60, "the network does not come back");
      await setTimeout(500);
    }
    assert.deepEqual(await kept(), ["yes", "yes"]);
    await stack.preview({ program: program({ until: "network" }), expectNoChanges: true });
  });

  it("applies another flag and keeps the data; a flag that etcd does not know changes nothing", async () => {
    await up({ until: "network", flags: { "snapshot-count": "5000" } });
    assert.match(await memberProcess(1), / --snapshot-count=5000$/);
    assert.deepEqual(await kept(), ["yes", "yes"]);
    const said = await failure({ until: "network", flags: { "snapshot-counts": "5000" } });
    assert.match(
      said,
      /etcd member docker-node\d: it does not stay up; its last lines:.*not defined: -snapshot-counts/s,
    );
    await up({ until: "network" });
    assert.deepEqual(await kept(), ["yes", "yes"]);
  });

  it("runs the members without systemd, like the tutorial, with the same data", async () => {
    const { values } = await up({ until: "network", supervisor: "nohup" });
    assert.deepEqual([values.token, values.networkId], [token, networkId]);
    assert.deepEqual(await kept(), ["yes", "yes"]);
    assert.equal(await on(0, "sh", "-c", "ls /etc/systemd/system | grep -c etcd || true"), "0");
    assert.equal(await on(0, "sh", "-c", "ps -o uid= -p $(pidof etcd) | tr -d ' '"), "0");
  });

  it("accepts an archive only with the right checksum, and resumes an interrupted download", async () => {
    const archive = await packArchive(containers[0], work);
    const { server, url, requests } = await serve(archive.file, hostAddress(subnet, 1));
    try {
      const source = (sha256: string) =>
        ({ kind: "archive", url, version: archive.version, sha256: { [archive.arch]: sha256 } }) as const;
      const said = await failure({ until: "network", source: source("0".repeat(64)) });
      assert.match(said, new RegExp(`has the SHA-256 ${archive.sha256}, expected 0{64}`));
      assert.match(await memberProcess(0), /^\d+ \/usr\/bin\/etcd /);
      requests.length = 0;
      await up({ until: "network", source: source(archive.sha256) });
      assert.match(await memberProcess(0), /^\d+ \/usr\/local\/etcd-v[\d.]+-linux-\w+\/etcd /);
      assert.match(await on(1, "readlink", "/usr/local/bin/etcdctl"), /^\/usr\/local\/etcd-v.*\/etcdctl$/);
      assert.deepEqual(await kept(), ["yes", "yes"]);
      assert.ok(
        requests.some((range) => /^bytes=[1-9]\d*-$/.test(range)),
        requests.join(),
      );
    } finally {
      server.close();
    }
  });

  it("replaces the cluster for another prefix of its token, and protect refuses that before any change", async () => {
    const tokenPrefix = "other";
    await up({ until: "network", protect: true });
    const preview = stack.preview({ program: program({ until: "network", tokenPrefix, protect: true }) });
    await assert.rejects(preview, /marked for protection/);
    const { values } = await up({ until: "network" });
    assert.deepEqual([values.token, values.networkId], [token, networkId]);
    const other = await up({ until: "network", tokenPrefix });
    assert.match(other.values.token, /^other-/);
    assert.notEqual(other.values.networkId, networkId);
    assert.deepEqual(
      await both("docker", "network", "inspect", "--format", "{{.Id}}", "demo"),
      Array(2).fill(other.values.networkId),
    );
  });

  it("restores the nodes to their previous state", async () => {
    await on(0, "docker", "rm", "--force", "on-bridge");
    await up({ until: "nodes" });
    assert.deepEqual(await both("sh", "-c", TRACES), clean);
  });

  it("is created again on the same nodes, with a new token, and refuses an unsuitable engine", async () => {
    const { values } = await up({ until: "cluster" });
    assert.notEqual(values.token, token);
    await on(0, "docker", "swarm", "init", "--advertise-addr", addresses[0]);
    assert.match(
      await failure({ until: "engines" }),
      /it is in Swarm mode, which excludes a cluster store; leave the swarm/,
    );
    await on(0, "docker", "swarm", "leave", "--force");
    await on(0, "sh", "-c", "printf '#!/bin/sh\necho 28.0.4\n' >/usr/local/bin/docker; chmod +x /usr/local/bin/docker");
    assert.match(
      await failure({ until: "engines" }),
      /it is version 28\.0\.4, and Docker dropped cluster stores in 23\.0/,
    );
    await on(0, "rm", "/usr/local/bin/docker");
    await assert.rejects(on(0, "ls", DROP_IN));
    await up({ until: "nodes" });
  });

  it("installs the distribution's package if missing, and removes it again", async () => {
    await on(1, "apt-get", "purge", "--yes", "--quiet", "etcd-server", "etcd-client");
    await up({ until: "cluster" });
    assert.match(await memberProcess(1), /^\d+ \/usr\/bin\/etcd --name docker-node2 /);
    assert.equal(await on(1, "systemctl", "is-enabled", "etcd").catch(() => "disabled"), "disabled");
    await up({ until: "nodes" });
    await assert.rejects(on(1, "ls", "/usr/bin/etcd"));
  });

  it("names the members that do not answer if there is no quorum, and a second up succeeds after the fix", async () => {
    await on(1, "iptables", "--insert", "INPUT", ...PEERS);
    const said = await failure({ until: "cluster", quorumTimeoutSec: 5 });
    assert.match(
      said,
      /etcd: no quorum after 5 s from docker-node1 \(http:.*docker-node2 \(http:.*docker-node1's last lines:/,
    );
    await on(1, "iptables", "--delete", "INPUT", ...PEERS);
    await up({ until: "cluster" });
  });

  describe("with TLS", () => {
    const certificates = "/etc/dockernet-etcd-docker-node1/now";
    const curl = (...options: string[]) =>
      on(0, "curl", "--silent", "--show-error", ...options, `https://${addresses[1]}:2379/v2/keys/kept`).then(
        (answer) => JSON.parse(answer).node.value as string,
        (error: Error) => error.message,
      );
    const own = ["--cert", `${certificates}/cert.pem`, "--key", `${certificates}/key.pem`];
    const ca = ["--cacert", `${certificates}/ca.pem`];
    let issued: Credentials;

    it("a cluster without it is refused before anything changes", async () => {
      await up({ until: "cluster" });
      const said = await failure({ until: "cluster", tls: true });
      assert.match(
        said,
        /etcd member docker-node\d: its cluster runs without TLS, and a living cluster is not changed/,
      );
      for (const each of await both("pgrep", "-a", "etcd")) assert.match(each, /--listen-peer-urls http:/);
      await up({ until: "nodes" });
    });

    it("members and engines talk it, and refuse clients without a certificate of their CA", async () => {
      const { values } = await up({ until: "network", tls: true });
      issued = values as Credentials;
      assert.match(issued.clientKey, /^-----BEGIN PRIVATE KEY-----/);
      assert.equal(values.clientUrls["docker-node1"], `https://${addresses[0]}:2379`);
      assert.deepEqual(
        await both("docker", "network", "inspect", "--format", "{{.Id}}", "demo"),
        Array(2).fill(values.networkId),
      );
      const options = [...ca, ...own];
      await on(0, "curl", "--silent", ...options, `https://${addresses[0]}:2379/v2/keys/kept`, "-XPUT", "-dvalue=yes");
      assert.equal(await curl(...options), "yes");
      assert.match(await curl(...ca), /^Command failed/);
      assert.match(await curl(...own), /unable to get local issuer certificate|self[- ]signed certificate/);
      for (const port of [2379, 2380]) {
        const plain = await on(1, "curl", "--silent", `http://${addresses[0]}:${port}/version`).catch(() => "refused");
        assert.doesNotMatch(plain, /etcdserver/);
      }
      await stack.preview({ program: program({ until: "network", tls: true }), expectNoChanges: true });
    });

    it("keys are files of root's and etcd's alone, and in no process, log or state", async () => {
      const modes = await both(
        "sh",
        "-c",
        "find /etc/dockernet* /var/lib/dockernet*/ -name '*.pem' -printf '%m\\n' | sort -u",
      );
      assert.deepEqual(modes, ["600", "600"]);
      const state = readFileSync(join(work, ".pulumi", "stacks", "etcd", "test.json"), "utf8");
      const [, line = ""] = issued.clientKey.split("\n");
      const base64 = Buffer.from(issued.clientKey).toString("base64").slice(0, 100);
      for (const text of [line, base64]) assert.ok(text.length > 50 && !state.includes(text));
      for (const each of await both("sh", "-c", "tr '\\0' ' ' </proc/$(pidof etcd)/cmdline; journalctl -o cat")) {
        assert.doesNotMatch(each, /PRIVATE KEY/);
        assert.match(each, /--peer-client-cert-auth --peer-cert-allowed-cn etcd-member/);
      }
    });

    it("a client's certificate does not make a peer, and one of another CA makes nothing", async () => {
      const peer = ["--cacert", "/var/lib/dockernet-cluster-store/certificates/now/ca.pem"];
      const client = "/var/lib/dockernet-cluster-store/certificates/now";
      const url = `https://${addresses[1]}:2380/version`;
      const ask = (folder: string) =>
        on(
          0,
          "curl",
          "--silent",
          "--http1.1",
          ...peer,
          "--cert",
          `${folder}/cert.pem`,
          "--key",
          `${folder}/key.pem`,
          url,
        );
      assert.match(await ask(certificates), /etcdserver/);
      await assert.rejects(ask(client));
      const forged = forge(work);
      const said = await failure({ until: "network", tls: true, forged });
      assert.match(
        said,
        /cluster store of this host's Docker engine: etcd does not answer at https:\S+: its certificate is of another CA/,
      );
      const other = await failure({
        until: "network",
        tls: true,
        forged: { ...forged, caCertificate: `${forged.caCertificate}\n${issued.caCertificate}` },
      });
      assert.match(other, /: it refuses the certificate of this host, which is of another CA or has expired/);
    });

    it("another rotation renews all certificates, and nothing is lost", async () => {
      const { values } = await up({ until: "network", tls: true, rotation: "2" });
      assert.notEqual(values.clientCertificate, issued.clientCertificate);
      assert.equal(await curl(...ca, ...own), "yes");
      assert.deepEqual(await both("sh", "-c", "ls /etc/dockernet-etcd-*/ | grep -c '^[0-9a-f]\\{12\\}$'"), ["1", "1"]);
      await stack.preview({ program: program({ until: "network", tls: true, rotation: "2" }), expectNoChanges: true });
    });

    it("goes on with the data of the other member if a node was lost, and starts an empty cluster only if told to", async () => {
      const settings = { until: "network", tls: true } as const;
      const before = await up({ ...settings, rotation: "2" });
      await run("docker", ["rm", "--force", containers[1]]);
      await stack.refresh();
      const after = await up({ ...settings, rotation: "2" });
      assert.equal(after.values.token, before.values.token);
      assert.equal(after.values.networkId, before.values.networkId);
      assert.match(await on(0, "ls", "/var/lib/dockernet-etcd-docker-node1"), /^data\.before-lost-[0-9a-f]{12}$/m);
      const { values } = await up({ ...settings, tokenPrefix: "another" });
      assert.notEqual(values.token, before.values.token);
      assert.deepEqual(
        await both("docker", "network", "inspect", "--format", "{{.Id}}", "demo"),
        Array(2).fill(values.networkId),
      );
    });
  });
});

/** The certificate and the key of a client, of another CA. */
function forge(work: string): Credentials {
  const [key, certificate] = [join(work, "forged.key"), join(work, "forged.pem")];
  const options = [
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    "/CN=etcd-client",
  ];
  execFileSync("openssl", ["req", ...options, "-days", "1", "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const [text, secret] = [certificate, key].map((file) => readFileSync(file, "utf8").trim()) as [string, string];
  return { caCertificate: text, clientCertificate: text, clientKey: secret };
}

/** An archive like etcd's releases, with the etcd that is on a node. */
async function packArchive(container: string, work: string) {
  const text = await run("docker", ["exec", container, "/usr/bin/etcd", "--version"]);
  const version = /^etcd Version: (.+)$/m.exec(text)?.[1] ?? "";
  const arch = process.arch === "arm64" ? ("arm64" as const) : ("amd64" as const);
  const folder = `etcd-v${version}-linux-${arch}`;
  mkdirSync(join(work, folder));
  for (const program of ["etcd", "etcdctl"])
    await run("docker", ["cp", `${container}:/usr/bin/${program}`, join(work, folder)]);
  const file = join(work, `${folder}.tar.gz`);
  await run("tar", ["--create", "--gzip", "--file", file, "--directory", work, folder]);
  return { file, version, arch, sha256: createHash("sha256").update(readFileSync(file)).digest("hex") };
}

/** Serves one file, with range requests; it closes the connection halfway through each request from the beginning. */
async function serve(file: string, address: string): Promise<{ server: Server; url: string; requests: string[] }> {
  const body = readFileSync(file);
  const requests: string[] = [];
  const server = createServer(({ headers: { range = "" } }, response) => {
    requests.push(range);
    const start = Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0);
    response.setHeader("content-length", body.length - start);
    if (start === 0) {
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
      return;
    }
    response.writeHead(206, { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` });
    response.end(body.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as { port: number };
  return { server, url: `http://${address}:${port}/etcd-{arch}.tar.gz`, requests };
}
