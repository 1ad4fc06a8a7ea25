import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostAddress } from "../../components/lib/cidr.ts";
import { runDoctor } from "../../lab/commands/doctor/doctor.ts";
import { lookAtHost } from "../../lab/commands/doctor/host.ts";
import { explain } from "../../lab/commands/explain/explain.ts";
import { inspect } from "../../lab/commands/inspect/inspect.ts";
import { findLeftovers } from "../../lab/commands/sweep/survey.ts";
import { runOverSsh } from "../../lab/host/overSsh.ts";
import { readSshBanner } from "../../lab/host/sshBanner.ts";
import type { HostAccess } from "../../stacks/checks.ts";
import { parseConfig } from "../../stacks/config.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { type Environment, failures, makeEnvironment, unchanged } from "../integration/environment.ts";
import { containerOf, makePracticeNodes, type PracticeNodes } from "../practiceNodes.ts";
import { type SshServer, startSshServer } from "../sshServer.ts";

/** Everything that the lab could leave on a host. */
const TRACES = `ls -d /etc/systemd/system/*etcd* /var/lib/dockernet* /run/dockernet* /etc/docker/daemon.json* 2>/dev/null
  pgrep -a etcd; docker ps --all --quiet; docker images --quiet; docker network ls --format '{{.Name}}'`;

describe("an environment on hosts behind a jump host, one key of which is in an SSH agent", function () {
  this.timeout(300_000);
  const name = `dockernet-jump-${randomBytes(4).toString("hex")}`;
  const bastion = `${name}-bastion`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const work = mkdtempSync(join(tmpdir(), "dockernet-jump-"));
  const keyFile = join(work, "keys", "id_ed25519");
  /** A path that ssh and every shell must quote correctly. */
  const jumpKey = join(work, "the bastion's 100% %h", "key");
  const known = join(work, "known hosts");
  const socket = join(work, "agent");
  const names = ["docker-node1", "docker-node2"] as const;
  const addresses = [11, 12].map((place) => hostAddress(subnet, place)) as [string, string];
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  let nodes: PracticeNodes;
  let server: SshServer;
  let lab: Environment;
  let hosts: Record<string, unknown>[];
  let clean: string[];

  const onNode = (number: number, script: string) =>
    run("docker", ["exec", containerOf(name, number - 1), "sh", "-c", script]);
  const traces = () => nodes.onEach(TRACES);
  const settle = () => lab.settle({ labs: ["overlay"], hosts });

  before(async () => {
    await once(agent.stdout, "data");
    process.env.SSH_AUTH_SOCK = socket;
    await Promise.all([
      makePracticeNodes({ name, subnet, work, names, keyFile }).then((made) => {
        nodes = made;
      }),
      startSshServer(bastion, mkdtempSync(join(work, "server-")), randomBytes(12).toString("hex")).then((started) => {
        server = started;
      }),
    ]);
    await run("docker", ["network", "connect", name, bastion]);
    // Without an address on their LAN this host cannot reach them; the bastion has one and can.
    const bridge = `br-${(await run("docker", ["network", "inspect", "--format", "{{.Id}}", name])).slice(0, 12)}`;
    const tool = ["run", "--rm", "--network", "host", "--cap-add", "NET_ADMIN", "dockernet-test/sshd"];
    await run("docker", [...tool, "ip", "address", "flush", "dev", bridge]);
    clean = await traces();

    const { host: address, port, privateKey, hostKey } = server.connection;
    mkdirSync(join(jumpKey, ".."));
    writeFileSync(jumpKey, privateKey, { mode: 0o600 });
    writeFileSync(known, `[${address}]:${port} ${hostKey}`);
    await run("ssh-add", ["-q", jumpKey, keyFile]);
    const sshConfig = join(work, "ssh-config");
    const path = (file: string) => `"${file.replaceAll("%", "%%")}"`;
    const [there, jump] = [
      [`HostName ${addresses[0]}`, "User lab", `IdentityFile ${keyFile}`, "ProxyJump bastion"],
      [
        `HostName ${address}`,
        `Port ${port}`,
        "User root",
        `IdentityFile ${path(jumpKey)}`,
        `UserKnownHostsFile ${path(known)}`,
      ],
    ];
    writeFileSync(sshConfig, `Host ${names[0]}\n  ${there?.join("\n  ")}\nHost bastion\n  ${jump?.join("\n  ")}\n`);
    hosts = [
      { name: names[0], address: addresses[0], hostKey: nodes.hostKeys[0], sshConfig, sudo: true },
      {
        name: names[1],
        address: addresses[1],
        hostKey: nodes.hostKeys[1],
        user: "lab",
        jump: { address, port, user: "root", hostKey: hostKey.trim() },
        sudo: true,
      },
    ];
    lab = await makeEnvironment();
    settle();
  });
  after(async () => {
    await lab.remove();
    await attempt("docker", ["rm", "--force", bastion]);
    await nodes.remove();
    delete process.env.SSH_AUTH_SOCK;
    agent.kill();
    rmSync(work, { recursive: true });
  });

  it("has hosts that are reached only through the jump host", async () => {
    for (const address of addresses) {
      assert.notEqual((await readSshBanner(address, 22, 3)).kind, "banner");
      assert.match(await server.exec("ssh-keyscan", "-t", "ed25519", address), /ssh-ed25519/);
    }
  });

  it("refuses a jump host with another key than the pinned one, and changes nothing", async () => {
    const jump = { ...(hosts[1]?.jump as object), hostKey: server.otherKey.trim() };
    lab.settle({ labs: ["namespaces"], namespaces: { host: names[1] }, hosts: [hosts[0], { ...hosts[1], jump }] });
    await assert.rejects(
      lab.stack.up(),
      /@docker-node2\)[\s\S]*proxy: after \d failed attempts: .*ssh: host key mismatch/,
    );
    settle();
    await lab.stack.destroy();
    assert.deepEqual(await traces(), clean);
  });

  it("passes its checks, and a second preview shows no change", async () => {
    await lab.stack.up();
    const results = await lab.verify();
    assert.deepEqual(failures(results), []);
    assert.equal(results.length, 20);
    await unchanged(lab);
  });

  it("has no private key in its outputs, and nothing of the agent in its state", async () => {
    const state = await run("pulumi", ["stack", "export", "--show-secrets", "--stack", lab.name], { env: lab.env });
    assert.equal(state.includes(socket), false);
    const { resources } = JSON.parse(state).deployment as {
      resources: { urn: string; inputs?: { connection?: unknown } }[];
    };
    const ofNode2 = resources.filter(({ urn, inputs }) => urn.endsWith(`@${names[1]}`) && inputs?.connection);
    assert.ok(ofNode2.length > 3);
    const connections = ofNode2.map(({ inputs }) => inputs?.connection);
    assert.equal(JSON.stringify(connections).includes("PRIVATE KEY"), false);
    const { hosts: access } = await lab.outputs();
    assert.equal(JSON.stringify(access).includes("PRIVATE KEY"), false);
    assert.deepEqual([access[names[0]]?.jump?.keyFile, access[names[1]]?.jump?.keyFile], [jumpKey, undefined]);
  });

  it("has no problem for lab doctor, and works with inspect, explain and sweep", async () => {
    const findings = await runDoctor(lab.name, lab.env);
    assert.deepEqual(
      findings.filter(({ level }) => level === "problem"),
      [],
    );
    const through = findings.filter(({ what }) => /accepts the SSH login, through jump host 127\.0\.0\.1$/.test(what));
    assert.deepEqual(
      through.map(({ on }) => on),
      names,
    );
    const outputs = await lab.outputs();
    const logins = async () => (await server.log()).match(/Accepted publickey/g)?.length ?? 0;
    const before = await logins();
    const found = await inspect(lab.name, outputs);
    const seen = found.map(({ host, containers }) => [host, containers.map((each) => each.name)]);
    assert.deepEqual(seen.slice(1), [
      [names[0], ["outsider", "test12"]],
      [names[1], ["test13"]],
    ]);
    // One connection per host: sshd rejects many simultaneous ones.
    assert.ok((await logins()) - before <= 2);
    assert.match((await explain(lab.name, outputs, "test13", 80)).text, /^Fault: +none found$/m);
    assert.deepEqual(await findLeftovers(lab.name, lab.env), []);
  });

  it("lab doctor reports which of the two hosts causes a problem, and why", async () => {
    const access = (await lab.outputs()).hosts[names[1]] ?? assert.fail();
    const jump = access.jump ?? assert.fail();
    const config = parseConfig({ project: "dockernet", stack: "doctor" }, {});
    const problem = async (change: Partial<HostAccess>) => {
      const host = { name: names[1], address: addresses[1], access: { ...access, ...change }, labs: [] };
      const { findings } = await lookAtHost(config, host, true);
      return findings.map(({ id, level, what }) => `${level} ${id}: ${what}`).join("\n");
    };
    const stranger = join(work, "stranger");
    writeFileSync(stranger, server.strangerKey, { mode: 0o600 });
    const hostKey = server.otherKey.trim();
    const [there, other] = [
      `through jump host 127\\.0\\.0\\.1, ${addresses[1]}`,
      "shows the host key SHA256:\\S+, and the",
    ];
    for (const [change, expected] of [
      [{ jump: { ...jump, port: 1 } }, "ssh: jump host 127\\.0\\.0\\.1:1: connection refused$"],
      [
        { jump: { ...jump, keyFile: stranger } },
        "ssh-key: jump host root@127\\.0\\.0\\.1 rejects the key \\S+stranger$",
      ],
      [{ jump: { ...jump, hostKey } }, `host-key: jump host 127\\.0\\.0\\.1 ${other}`],
      [{ port: 1 }, `ssh: ${there}:1: connection refused$`],
      [{ user: "mallory" }, `ssh-key: mallory@${addresses[1]} rejects every key of the ssh agent$`],
      [{ hostKey }, `host-key: ${addresses[1]} ${other}`],
    ] as const) {
      assert.match(await problem(change), new RegExp(`^problem ${expected}`));
    }
    const drop = (verb: string) => onNode(2, `iptables ${verb} INPUT -p tcp --dport 22 -j DROP`);
    await drop("-I");
    assert.match(await problem({}), new RegExp(`^problem ssh: ${there}:22: connection timed out after 3 s$`));
    await drop("-D");
    await assert.rejects(runOverSsh({ ...access, jump: { ...jump, port: 1 } }, "true"), {
      message: `jump host 127.0.0.1 did not connect to ${addresses[1]}:22; npx lab doctor says why`,
    });
  });

  it("restores the hosts to their previous state", async () => {
    await lab.stack.destroy();
    assert.deepEqual(await traces(), clean);
  });
});
