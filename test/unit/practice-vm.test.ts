import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { PracticeVm, type PracticeVmArgs } from "../../components/practice-vm/PracticeVm.ts";
import { VmDisk } from "../../components/practice-vm/VmDisk.ts";
import { SshKey } from "../../components/ssh-key/SshKey.ts";
import { builtImage, imageSource } from "../../stacks/images.ts";
import { inputsOf, type Registered, recordResources, settled } from "./mocks.ts";

const LOCAL = "command:local:Command";

describe("practice nodes that are virtual machines", () => {
  let seen: Registered[];
  beforeEach(async () => {
    seen = await recordResources();
  });

  const vm = (more: Partial<PracticeVmArgs> = {}) =>
    new PracticeVm("node1", {
      vmName: "docker-node1",
      hostname: "docker-node1",
      disk: "/cache/vm/1",
      acceleration: "tcg",
      network: "lan",
      tapName: "vm-node1",
      address: "10.0.0.11",
      userKey: new SshKey("user-key", { file: "/keys/id_ed25519" }),
      owner: "dockernet/practice",
      ...more,
    });
  /** The text of a script, which is secret if one of its variables is. */
  const textOf = (stdin: unknown): string =>
    typeof stdin === "string" ? stdin : String((stdin as { value: string }).value);

  it("PracticeVm is one script on this host, and yields the same host as a container", async () => {
    const made = vm();
    await settled(seen);
    const { kind, resource, sudo, storage } = made.host;
    assert.deepEqual(
      [kind, resource instanceof pulumi.CustomResource, sudo, storage],
      ["ssh", true, undefined, undefined],
    );
    assert.deepEqual([made.userHost.connection.user, made.userHost.sudo], ["lab", true]);
    const { stdin, create } = inputsOf(seen, LOCAL, "node1");
    assert.equal(create, "timeout -k 30 300 sh -s -- up");
    assert.match(textOf(stdin), /^NEIGHBOURS=''$/m);
    for (const line of [
      "ACCELERATION='tcg'",
      "MEMORY_MIB='1024'",
      "CPUS='1'",
      "DISK_MIB='8192'",
      "OWNER='dockernet/practice'",
    ]) {
      assert.ok(textOf(stdin).split("\n").includes(line), line);
    }
  });

  it("PracticeVm is a new machine if its disk or address changes, and the same with more memory", async () => {
    const triggers = [];
    for (const more of [{}, { memoryMiB: 2048, cpus: 2 }, { address: "10.0.0.12" }, { disk: "/cache/vm/2" }]) {
      const all = await recordResources();
      vm(more);
      await settled(all);
      triggers.push(JSON.stringify(inputsOf(all, LOCAL, "node1").triggers));
    }
    const [first, ...others] = triggers;
    assert.deepEqual(
      others.map((each) => each === first),
      [true, false, false],
    );
  });

  it("PracticeVm waits longer where it is in software emulation, and again for a new machine", async () => {
    vm();
    await settled(seen);
    const { stdin, create } = inputsOf(seen, LOCAL, "node1-ready");
    assert.match(String(stdin), /^ID='node1-id'$/m);
    assert.match(String(stdin), /^WITHIN='60'$/m);
    assert.match(String(stdin), /^EMULATED_WITHIN='600'$/m);
    assert.equal(create, "timeout -k 30 630 sh -s -- up");
  });

  it("VmDisk is made of an image, which is built on that of a practice node", async () => {
    new VmDisk("vm-disk", { image: "sha256:1" });
    await settled(seen);
    assert.match(String(inputsOf(seen, LOCAL, "vm-disk").stdin), /^IMAGE='sha256:1'$/m);
    const source = imageSource("vm", "debian");
    assert.equal("base" in source && source.base, builtImage("node", "debian"));
  });
});
