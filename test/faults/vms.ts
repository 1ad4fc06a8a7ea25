import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { attempt, run } from "../../toolchain/run.ts";
import type { Fault } from "./fault.ts";
import { must } from "./lab.ts";
import type { VmLab } from "./worlds.ts";

const HOUR_SEC = 3600;
const WRITING_MS = 20_000;
/** Time for machines in software emulation to start and etcd to have a quorum. */
const BOOT_MS = 600_000;
const KEYS = "/v2/keys/written";

/** The processes of a machine on this host: the supervisor, which starts QEMU again, and QEMU. */
async function processesOf(lab: VmLab, number: number): Promise<[string, string]> {
  const folder = `/var/lib/dockernet-vms/${lab.machine(number)}`;
  const supervisor = await run("pgrep", ["-f", `sh ${folder}/supervise.sh`]);
  const emulator = await run("pgrep", ["-f", `^qemu-system-x86_64 -name .* file=${folder}/disk.qcow2`]);
  return [supervisor.trim(), emulator.trim()];
}

/** Asks etcd of the first machine from this host, so that no answer is lost with a machine; undefined when it fails. */
async function askEtcd(lab: VmLab, path: string, ...options: string[]): Promise<string | undefined> {
  const { address } = (await lab.environment.outputs()).hosts["docker-node1"] ?? {};
  return attempt("curl", ["--noproxy", "*", "-fsS", "-m", "10", ...options, `http://${address}:2379${path}`]);
}

/** Writes numbers to etcd until one is not acknowledged, and gives those that were. */
async function writeUntilFailure(lab: VmLab): Promise<number[]> {
  const acknowledged: number[] = [];
  for (let n = 1; (await askEtcd(lab, `${KEYS}/${n}`, "-X", "PUT", "-d", `value=${n}`)) !== undefined; n += 1) {
    acknowledged.push(n);
  }
  return acknowledged;
}

/** The acknowledged numbers that a quorum of etcd does not have, once there is one. */
async function lostOf(lab: VmLab, acknowledged: readonly number[]): Promise<number[]> {
  for (const until = Date.now() + BOOT_MS; ; await setTimeout(2_000)) {
    const text = await askEtcd(lab, `${KEYS}?quorum=true`);
    if (text !== undefined) {
      const there = new Set((JSON.parse(text).node.nodes as { value: string }[]).map(({ value }) => Number(value)));
      await askEtcd(lab, `${KEYS}?recursive=true`, "-X", "DELETE");
      return acknowledged.filter((n) => !there.has(n));
    }
    assert.ok(Date.now() < until, "etcd does not come back");
  }
}

/** Waits until a machine has another boot than this one. */
async function rebooted(lab: VmLab, number: number, boot: string): Promise<void> {
  for (const until = Date.now() + BOOT_MS; ; await setTimeout(2_000)) {
    if ((await lab.bootOf(number).catch(() => boot)) !== boot) return;
    assert.ok(Date.now() < until, `${lab.machine(number)} does not come back`);
  }
}

/** Waits until a machine does not answer. */
async function silent(lab: VmLab, number: number): Promise<void> {
  for (const until = Date.now() + BOOT_MS; ; await setTimeout(500)) {
    if ((await lab.bootOf(number).catch(() => undefined)) === undefined) return;
    assert.ok(Date.now() < until, `${lab.machine(number)} does not go down`);
  }
}

/** Takes all space of a disk, also what is reserved for root; only the last of it is written. */
const FILL = `free=$(($(stat --file-system --format '%f * %S' /) - 64 * 1024 * 1024))
  fallocate --length "$free" /full; dd if=/dev/zero of=/full bs=64k oflag=append conv=notrunc 2>/dev/null || :; sync`;
const KEEPS = "etcd's keys and the network's id";

export const vmFaults: readonly Fault<VmLab>[] = [
  {
    id: "R36",
    title: "clocks of two hosts differ",
    protects: `${KEEPS}; etcd accepts writes, and every check passes`,
    inject: async (lab) => {
      await lab.on(2, `date -s "+${HOUR_SEC} seconds"`);
      assert.notEqual(await askEtcd(lab, `${KEYS}/1`, "-X", "PUT", "-d", "value=1"), undefined);
      assert.deepEqual(await lostOf(lab, [1]), []);
      const said = `${(await lab.ask("verify")).text}\n${(await lab.ask("doctor")).text}`;
      return { said, end: () => lab.on(2, `date -s "-${HOUR_SEC} seconds"`) };
    },
    says: [/\b0 failed/, /its clock is 3[56]\d\d s ahead of this host's/],
    way: "nothing",
  },
  {
    id: "R66",
    title: "power cut of all hosts while etcd writes",
    protects: `${KEEPS}; every acknowledged write`,
    inject: async (lab) => {
      const writing = writeUntilFailure(lab);
      await setTimeout(WRITING_MS);
      const emulators = await Promise.all([1, 2].map(async (number) => (await processesOf(lab, number))[1]));
      await run("kill", ["-KILL", ...emulators]);
      const acknowledged = await writing;
      assert.ok(acknowledged.length > 3, `only ${acknowledged.length} writes were acknowledged`);
      const said = (await lab.ask("inspect")).text;
      const lost = await lostOf(lab, acknowledged);
      assert.deepEqual(lost, [], `${lost.length} of ${acknowledged.length} acknowledged writes are lost`);
      return { said };
    },
    says: [/the engine of docker-node1 does not answer/],
    way: "nothing",
  },
  {
    id: "R67",
    title: "restart of the host that runs virtual machines, without systemd",
    protects: `${KEEPS}; the disks of the machines`,
    inject: async (lab) => {
      await lab.on(2, "echo kept >/root/kept; sync");
      for (const number of [1, 2]) {
        await run("kill", ["-KILL", ...(await processesOf(lab, number))]);
        await setTimeout(1_000);
        await run("ip", ["link", "delete", "dev", lab.tap(number)]);
      }
      return { said: (await lab.ask("explain", "docker-node2")).text };
    },
    says: [/does not run: no process of it runs/, /lab recover/],
    way: "lab recover --yes",
    heal: async (lab) => {
      await must(lab.ask("recover", "--yes"));
      assert.equal(await lab.on(2, "cat /root/kept"), "kept");
    },
  },
  {
    id: "R70",
    title: "disk of a virtual machine corrupt",
    protects: "everything but the disks of the machines",
    inject: async (lab) => {
      await run("kill", ["-KILL", ...(await processesOf(lab, 2))]);
      const disk = `/var/lib/dockernet-vms/${lab.machine(2)}/disk.qcow2`;
      await run("dd", ["if=/dev/urandom", `of=${disk}`, "bs=64k", "count=4", "conv=notrunc"]);
      return { said: (await lab.ask("explain", "docker-node2")).text };
    },
    says: [/is damaged: its disk cannot be read/, /lab recover/],
    way: "lab recover --yes",
    heal: async (lab) => {
      await must(lab.ask("recover", "--yes"));
      await lab.mark();
    },
  },
  {
    id: "R68",
    title: "full disk of a host",
    protects: KEEPS,
    inject: async (lab) => {
      await lab.on(2, FILL);
      return { said: (await lab.ask("doctor")).text, end: () => lab.on(2, "rm /full; sync") };
    },
    says: [/free on the disk of \S+: \d+ MiB, less than/],
    way: "nothing",
  },
  {
    id: "R69",
    title: "reboot of a host from inside",
    protects: KEEPS,
    inject: async (lab) => {
      const boot = await lab.bootOf(1);
      await lab.on(1, "systemd-run --quiet --on-active=1 systemctl reboot");
      await silent(lab, 1);
      const said = (await lab.ask("explain", "docker-node1")).text;
      await rebooted(lab, 1, boot);
      return { said };
    },
    says: [/docker-node1 does not answer/],
    way: "nothing",
  },
];
