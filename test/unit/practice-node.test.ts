import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript, type SshHost } from "../../components/host-script/HostScript.ts";
import { assignments, readScript } from "../../components/host-script/scriptText.ts";
import { dialLimits } from "../../components/lib/dialLimits.ts";
import { PracticeNode } from "../../components/practice-node/PracticeNode.ts";
import { RemoteEngine } from "../../components/RemoteEngine.ts";
import { SshKey } from "../../components/ssh-key/SshKey.ts";
import { inputsOf, type Registered, recordResources, settled } from "./mocks.ts";

type Inputs = Record<string, unknown>;
/** A secret, as passed to the mocks. */
type Secret = { readonly value: Inputs };

const LOCAL = "command:local:Command";
const REMOTE = "command:remote:Command";
const SCRIPT = new URL("../integration/file.sh", import.meta.url);
const LABELS = { "dockernet.stack": "practice" };
const CONNECTION = { host: "10.0.0.9", hostKey: "ssh-ed25519 AAAAhost a comment", privateKey: "k" };
const JUMP = {
  address: "bastion",
  user: "ann",
  port: 2222,
  hostKey: "ssh-ed25519 AAAAjump",
  privateKey: "the jump host's",
  keyFile: "/keys/jump",
};

describe("practice nodes, and similar hosts", () => {
  let seen: Registered[];
  beforeEach(async () => {
    seen = await recordResources();
  });

  const node = (address = "10.0.0.11") =>
    new PracticeNode("node1", {
      containerName: "docker-node1",
      hostname: "docker-node1",
      image: "sha256:1",
      network: "lan",
      address,
      volumeName: "docker-node1-docker",
      userKey: new SshKey("user-key", { file: "/keys/id_ed25519" }),
      labels: LABELS,
    });

  it("PracticeNode is a container without privileged mode, and with three additional capabilities", async () => {
    const made = node();
    await settled(seen);
    const container = inputsOf(seen, "docker:index/container:Container", "node1");
    assert.equal("privileged" in container, false);
    assert.deepEqual(container.capabilities, { adds: ["CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"] });
    assert.deepEqual(container.networksAdvanced, [
      { name: "lan", ipv4Address: "10.0.0.11", aliases: ["docker-node1"] },
    ]);
    assert.deepEqual(container.volumes, [{ volumeName: "docker-node1-docker", containerPath: "/var/lib/docker" }]);
    const { kind, resource, sudo } = made.host;
    assert.deepEqual([kind, resource instanceof pulumi.CustomResource, sudo], ["ssh", true, undefined]);
    assert.deepEqual([made.userHost.connection.user, made.userHost.sudo], ["lab", true]);
  });

  it("PracticeNode gives another node another volume, and the same node the same", async () => {
    const labels = [];
    for (const address of ["10.0.0.11", "10.0.0.12", "10.0.0.11"]) {
      const all = await recordResources();
      node(address);
      await settled(all);
      labels.push(JSON.stringify(inputsOf(all, "docker:index/volume:Volume", "node1").labels));
    }
    assert.equal(labels[0], labels[2]);
    assert.notEqual(labels[0], labels[1]);
    assert.match(String(labels[0]), /^\[{"label":"dockernet.node","value":"[0-9a-f]{12}"},/);
  });

  it("PracticeNode waits for its container, and again for a new one", async () => {
    node();
    await settled(seen);
    const { stdin, create } = inputsOf(seen, LOCAL, "node1");
    assert.match(String(stdin), /^ID='node1-id'$/m);
    assert.match(String(stdin), /^WITHIN='60'$/m);
    assert.equal(create, "timeout -k 30 75 sh -s -- up");
  });

  it("SshKey keeps its output out of the log, and writes a file only on request", async () => {
    new SshKey("key", {});
    await settled(seen);
    assert.deepEqual(
      seen.map(({ type }) => type),
      ["dockernet:index:SshKey", LOCAL],
    );
    assert.equal(inputsOf(seen, LOCAL, "key").logging, "none");
  });

  const script = (host: Host) =>
    new HostScript("s", { host, script: SCRIPT, variables: { FILE: "f" }, identity: ["FILE"] });
  const ssh = (more: Partial<SshHost> = {}): SshHost => ({ kind: "ssh", connection: CONNECTION, ...more });

  it("HostScript runs sudo with timeout inside, which could not kill root's process from outside", async () => {
    script(ssh({ sudo: true }));
    await settled(seen);
    const { create, update, delete: down } = inputsOf(seen, REMOTE, "s");
    assert.deepEqual(
      [create, update, down],
      ["up", "update", "down"].map((verb) => `sudo -n timeout -k 30 300 sh -s -- ${verb}`),
    );
  });

  it("HostScript stops connecting after a few attempts, unless given more time", async () => {
    script(ssh());
    await settled(seen);
    const { dialErrorLimit, perDialTimeout } = (inputsOf(seen, REMOTE, "s") as { connection: Secret }).connection.value;
    assert.deepEqual([dialErrorLimit, perDialTimeout], [4, 3]);
  });

  it("HostScript connects through a jump host with its key pinned and separate limits, and has none by default", async () => {
    script(ssh({ jump: JUMP, bootSec: 60 }));
    await settled(seen);
    const { proxy, ...connection } = (inputsOf(seen, REMOTE, "s") as { connection: Secret }).connection.value;
    const { address: host, keyFile: _, ...rest } = JUMP;
    assert.deepEqual(proxy, { dialErrorLimit: 4, perDialTimeout: 3, host, ...rest });
    assert.ok(Number(connection.dialErrorLimit) > 4);
    seen = await recordResources();
    script(ssh());
    await settled(seen);
    assert.equal("proxy" in (inputsOf(seen, REMOTE, "s") as { connection: Secret }).connection.value, false);
  });

  it("HostScript uses the SSH agent if there is no key, and keeps nothing of it in the state", async () => {
    const { privateKey: _, ...connection } = CONNECTION;
    const { privateKey: __, keyFile: ___, ...jump } = JUMP;
    script({ kind: "ssh", connection, jump });
    await settled(seen);
    const inputs = (inputsOf(seen, REMOTE, "s") as { connection: Secret }).connection.value;
    assert.doesNotMatch(JSON.stringify(inputs), /privateKey|agentSocketPath/);
  });

  it("HostScript gives no verb to a host that is gone, so that no connection is opened", async () => {
    script(ssh({ gone: true }));
    await settled(seen);
    assert.deepEqual(Object.keys(inputsOf(seen, REMOTE, "s")), ["connection"]);
  });

  it("dialLimits wait for the given time, and at most five seconds longer", () => {
    for (const bootSec of [0, 1, 10, 60, 300]) {
      const { dialErrorLimit } = dialLimits(bootSec);
      const pauses = Array.from({ length: dialErrorLimit }, (_, i) => Math.min(0.1 * 1.5 ** i, 5));
      const refused = pauses.reduce((sum, pause) => sum + pause, 0);
      assert.ok(refused >= bootSec && refused <= bootSec + 5, `${bootSec}: ${refused}`);
    }
  });

  it("RemoteEngine reaches an engine behind a jump host, without a private key among its options", async () => {
    new RemoteEngine("engine", { host: ssh({ jump: JUMP, keyFile: "/keys/id" }) });
    await settled(seen);
    const { sshOpts, host } = inputsOf(seen, "pulumi:providers:docker", "engine");
    assert.equal(host, "ssh://root@10.0.0.9:22");
    const command = (JSON.parse(String(sshOpts)) as string[]).find((each) => each.startsWith("ProxyCommand=")) ?? "";
    assert.match(
      command,
      /^ProxyCommand='ssh' '-W' '\[%h\]:%p' .*'-i' '\/keys\/jump' .*'-l' 'ann' '-p' '2222' '--' 'bastion'$/,
    );
    assert.match(command, /'KnownHostsCommand=\/usr\/bin\/env echo %%H ssh-ed25519 AAAAjump'/);
    assert.equal(String(sshOpts).includes(JUMP.privateKey), false);
  });

  it("RemoteEngine trusts the pinned key and none of the user's, with a socket that depends on the key", async () => {
    const engine = (name: string, hostKey: string) =>
      new RemoteEngine(name, {
        host: { kind: "ssh", connection: { ...CONNECTION, port: 2222, hostKey }, keyFile: "/keys/id" },
      });
    engine("one", CONNECTION.hostKey);
    engine("two", "ssh-ed25519 AAAAother");
    await settled(seen);
    const [one, two] = ["one", "two"].map((name) => inputsOf(seen, "pulumi:providers:docker", name)) as [
      Inputs,
      Inputs,
    ];
    assert.equal(one.host, "ssh://root@10.0.0.9:2222");
    const options = JSON.parse(String(one.sshOpts)) as string[];
    assert.deepEqual(options.slice(0, 4), ["-F", "/dev/null", "-i", "/keys/id"]);
    assert.ok(options.includes("KnownHostsCommand=/usr/bin/env echo %H ssh-ed25519 AAAAhost"));
    const socket = (each: Inputs) => /ControlPath=[^"]*/.exec(JSON.stringify(each.sshOpts))?.[0] ?? "";
    assert.match(socket(one), /^ControlPath=~\/\.dockernet-[0-9a-f]{12}/);
    assert.notEqual(socket(one), socket(two));
  });

  it("gives up an SSH login that neither ends nor fails, as when the host vanishes", () => {
    const folder = mkdtempSync(join(tmpdir(), "dockernet-answers-"));
    writeFileSync(join(folder, "ssh"), "#!/bin/sh\nexec sleep 20\n", { mode: 0o755 });
    const script = readScript(new URL("../../components/practice-node/answers.sh", import.meta.url));
    const access = { NODE: "node1", ADDRESS: "10.0.0.11", HOST_KEY: "ssh-ed25519 AAAA", KEY_FILE: "/keys/id" };
    const { status, stderr } = spawnSync("sh", ["-s"], {
      input: `${assignments(access)}\n${script}\nended() { false; }; last_lines() { :; }; await_engine 1 20\n`,
      encoding: "utf8",
      env: { PATH: [folder, process.env.PATH].join(delimiter) },
      timeout: 10_000,
    });
    rmSync(folder, { recursive: true });
    assert.equal(status, 1);
    assert.match(stderr, /^node node1 was not ready within 1 s \(SSH and the engine did not answer within 1 s\)/);
  });
});
