import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { runOverSsh } from "../../lab/host/overSsh.ts";
import { identityOf } from "../../lab/state/environments.ts";
import { vmInterface, vmName } from "../../stacks/unlabelled.ts";
import { attempt, run } from "../../toolchain/run.ts";
import { type Environment, failures, makeEnvironment, unchanged } from "../integration/environment.ts";
import { labCommand } from "../integration/labCommand.ts";

/** Time that a machine may take to boot and its services to start. */
const REBOOT_MS = 600_000;
const PAUSE_MS = 10_000;
/** Time for a login and a short script on a machine in software emulation. */
const SCRIPT_MS = 120_000;

describe("an environment with the overlay lab, on two virtual machines", function () {
  this.timeout(1_800_000);
  let lab: Environment;

  before(async () => {
    lab = await makeEnvironment({ labs: ["overlay"], overlay: { practiceNodes: "vm" } }, "vmtest");
  });
  after(() => lab.remove());

  const onNode = async (name: string, script: string): Promise<string> => {
    const access = (await lab.outputs()).hosts[name];
    return runOverSsh(access ?? assert.fail(`no host ${name}`), script, { timeoutMs: SCRIPT_MS });
  };
  const bootOf = (name: string) => onNode(name, "cat /proc/sys/kernel/random/boot_id");

  it("comes up, and passes its checks", async () => {
    await lab.stack.up();
    const all = await lab.verify();
    const wrong = all.filter(({ passed }) => !passed).map(({ check, actual }) => `${check.id}: ${actual}`);
    assert.deepEqual(wrong, []);
    assert.equal(all.length, 18);
  });

  it("is on machines with kernels and ids of their own, which know each other's names", async () => {
    const script =
      "cat /proc/sys/kernel/random/boot_id /etc/machine-id; getent hosts docker-node1 docker-node2 | wc -l";
    const [one, two] = await Promise.all(["docker-node1", "docker-node2"].map((name) => onNode(name, script)));
    const [first, second] = [one, two].map((text = "") => text.trim().split("\n"));
    for (const part of [0, 1]) assert.notEqual(first?.[part], second?.[part]);
    assert.deepEqual([first?.[2], second?.[2]], ["2", "2"]);
  });

  it("shows no change in a second preview", () => unchanged(lab));

  it("passes its checks again after a machine is rebooted", async () => {
    const boot = await bootOf("docker-node2");
    await onNode("docker-node2", "systemd-run --quiet --on-active=1 systemctl reboot");
    // Checks take processor time from a machine that boots: they begin when its engine answers.
    const until = Date.now() + REBOOT_MS;
    for (let failed = ["not rebooted"]; failed.length > 0; await setTimeout(PAUSE_MS)) {
      assert.ok(Date.now() < until, `still failing: ${failed.join(", ")}`);
      const now = await onNode(
        "docker-node2",
        "docker info >/dev/null 2>&1 && cat /proc/sys/kernel/random/boot_id",
      ).catch(() => boot);
      if (now !== boot) failed = failures(await lab.verify());
    }
    await unchanged(lab);
  });

  it("is brought back by lab recover after a power cut of a machine that nothing starts again", async () => {
    await onNode("docker-node2", "echo kept >/root/kept; sync");
    const folder = `/var/lib/dockernet-vms/${vmName(identityOf(lab.name), "docker-node2")}`;
    // The supervisor first, which would start QEMU again.
    for (const process of ["supervise[.]sh", "disk[.]qcow2"]) {
      const pid = await run("pgrep", ["-f", `${folder}/${process}`]);
      await run("kill", ["-KILL", pid]);
    }
    const inspected = await labCommand(lab, "inspect");
    assert.match(inspected.stdout, /docker-node2 .* stopped +no process of it runs/, inspected.stderr);
    const recovered = await labCommand(lab, "recover", "--yes");
    assert.match(recovered.stdout, / recovered: 18 passed, 0 failed/, recovered.stdout + recovered.stderr);
    assert.equal(await onNode("docker-node2", "cat /root/kept"), "kept");
    await unchanged(lab);
  });

  it("leaves nothing behind: no process, no interface, no disk", async () => {
    await lab.stack.destroy();
    const identity = identityOf(lab.name);
    for (const [index, node] of ["docker-node1", "docker-node2"].entries()) {
      const folder = `/var/lib/dockernet-vms/${vmName(identity, node)}`;
      assert.equal(existsSync(folder), false);
      assert.equal(await attempt("pgrep", ["-f", `${folder}/`]), undefined);
      assert.equal(existsSync(`/sys/class/net/${vmInterface(identity, index)}`), false);
    }
  });
});
