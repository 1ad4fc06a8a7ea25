import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../../components/BridgeNetwork.ts";
import { HostScript } from "../../components/host-script/HostScript.ts";
import { hostAddress } from "../../components/lib/cidr.ts";
import { PracticeVm } from "../../components/practice-vm/PracticeVm.ts";
import { VmDisk } from "../../components/practice-vm/VmDisk.ts";
import { ServiceImage } from "../../components/ServiceImage.ts";
import { SshKey } from "../../components/ssh-key/SshKey.ts";
import { imageSource } from "../../stacks/images.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { inlineStack } from "../inlineStack.ts";
import { type TestStack, testStack } from "../stack.ts";

const FILE = new URL("../integration/file.sh", import.meta.url);

describe("a virtual machine as a practice node", function () {
  this.timeout(900_000);
  const suffix = randomBytes(4).toString("hex");
  const name = `vmtest-${suffix}`;
  const tap = `vt-${suffix}`;
  const folder = `/var/lib/dockernet-vms/${name}`;
  const subnet = `10.${randomInt(64, 128)}.${randomInt(256)}.0/24`;
  const address = hostAddress(subnet, 11);
  const work = mkdtempSync(join(tmpdir(), "dockernet-vm-"));
  const keyFile = join(work, "keys", "id_ed25519");
  let stack: TestStack;

  before(async () => {
    stack = testStack(await inlineStack("practice-vm", "test", work));
  });
  after(async () => {
    await stack.destroy();
    rmSync(work, { recursive: true });
  });

  const program: PulumiFn = async () => {
    const network = new BridgeNetwork("lan", { networkName: name, subnet, labels: { "dockernet.test": name } });
    const node = new ServiceImage("node", { source: imageSource("node", "debian") });
    const image = new ServiceImage("vm", { source: imageSource("vm", "debian") }, { dependsOn: node }).imageId;
    const { folder: disk, acceleration } = new VmDisk("vm-disk", { image });
    const userKey = new SshKey("user-key", { file: keyFile });
    const vm = new PracticeVm("vm", {
      vmName: name,
      hostname: "docker-node1",
      disk,
      acceleration,
      network: network.networkName,
      tapName: tap,
      address,
      userKey,
      owner: "practice-vm/test",
    });
    const variables = { FILE: "/root/made", TEXT: "by lab", JOURNAL: "/root/journal" };
    new HostScript("as-lab", { host: vm.userHost, script: FILE, variables });
    return { engineVersion: vm.engineVersion, hostKey: vm.host.connection.hostKey };
  };
  const onVm = async (...command: string[]) => {
    const { hostKey } = await stack.outputs();
    const options = ["-F", "/dev/null", "-i", keyFile, "-o", "BatchMode=yes", "-o", "UserKnownHostsFile=/dev/null"];
    const pinned = `KnownHostsCommand=/usr/bin/env echo %H ${hostKey?.value}`;
    return run("ssh", [...options, "-o", pinned, "-o", "ConnectTimeout=20", `root@${address}`, ...command]);
  };
  /** Its processes on this host: the supervisor and QEMU. */
  const processes = async () => (await attempt("pgrep", ["-af", folder]))?.split("\n").filter(Boolean) ?? [];
  const qemu = async () => (await attempt("pgrep", ["-f", `^qemu-system-x86_64 -name ${name} `]))?.trim();

  it("boots with systemd, sshd and its own engine, and runs a script as a user with sudo", async () => {
    await stack.up({ program });
    const { engineVersion } = await stack.outputs();
    assert.equal(await onVm("docker", "version", "--format", "'{{.Server.Version}}'"), engineVersion?.value);
    assert.equal(await onVm("cat", "/root/made"), "by lab");
    assert.equal(await onVm("hostname"), "docker-node1");
    assert.notEqual(await onVm("uname", "-r"), await run("uname", ["-r"]));
  });

  it("keeps its host key out of arguments and the state, and its files readable only for root", async () => {
    assert.equal((await processes()).length, 2);
    assert.doesNotMatch((await processes()).join("\n"), /PRIVATE KEY/);
    const state = readFileSync(join(work, ".pulumi", "stacks", "practice-vm", "test.json"), "utf8");
    assert.equal(state.includes("PRIVATE KEY"), false);
    assert.equal(await run("stat", ["--format", "%a %U", folder]), "700 root");
  });

  it("shows no change in a second preview", async () => {
    await stack.preview({ program, expectNoChanges: true });
  });

  it("starts again with its disk after a power cut", async () => {
    await onVm("sync");
    const before = await qemu();
    await run("kill", ["-KILL", before ?? "none"]);
    for (let tries = 0; [undefined, before].includes(await qemu()); tries += 1) {
      assert.ok(tries < 20, "QEMU is not started again");
      await setTimeout(500);
    }
    // Waits for the machine, whose resources are unchanged.
    await stack.up({ program, replace: ["**:Command::vm-ready"] });
    assert.equal(await onVm("cat", "/root/made"), "by lab");
    await stack.preview({ program, expectNoChanges: true });
  });

  it("leaves nothing behind: no process, no interface, no disk", async () => {
    await stack.destroy();
    assert.deepEqual(await processes(), []);
    assert.equal(existsSync(`/sys/class/net/${tap}`), false);
    assert.equal(existsSync(folder), false);
  });
});
