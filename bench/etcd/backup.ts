import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import pMap from "p-map";
import { type Environment, makeEnvironment } from "../../test/integration/environment.ts";
import { labCommand } from "../../test/integration/labCommand.ts";
import { run } from "../../toolchain/run.ts";
import { SetupError } from "../../toolchain/step.ts";
import { timed } from "./growth.ts";
import type { Timing } from "./report.ts";

/** Bytes of a value. */
const VALUE = 10_000;
const NODE = "docker-node1";

/** Backs up a cluster of two with this many megabytes of keys, beside etcd's own commands and the disk itself. */
export async function measureBackup(
  megabytes: number,
  rounds: number,
  folder: string,
  signal: AbortSignal,
): Promise<Timing[]> {
  const environment = await makeEnvironment({ labs: ["overlay"] }, "bench");
  const work = mkdtempSync(join(folder, "backup-"));
  try {
    await environment.stack.up();
    await fill(environment, megabytes, signal);
    const container = `dockernet-${environment.name}-${NODE}`;
    const onNode = (script: string) => run("docker", ["exec", container, "sh", "-euc", script], { signal });
    const target = join(work, "etcd.tar");
    const bytes = `bs=1M count=${megabytes} conv=fsync status=none`;
    await run("dd", ["if=/dev/urandom", `of=${join(work, "bytes")}`, ...bytes.split(" ")]);
    const subjects: Readonly<Record<string, () => Promise<unknown>>> = {
      "lab backup": () => backup(environment, target),
      etcdctl: () =>
        onNode(`etcdctl snapshot save ${PLAIN}.db; etcdctl snapshot restore ${PLAIN}.db --data-dir ${PLAIN}`),
      dd: () => run("dd", [`if=${join(work, "bytes")}`, `of=${join(work, "copy")}`, ...bytes.split(" ")], { signal }),
    };
    const names = Object.keys(subjects);
    const timings: Timing[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const subject of names.map((_, i) => names[(i + round) % names.length] ?? "")) {
        const seconds = await timed(async () => subjects[subject]?.());
        timings.push({ subject, seconds });
        console.log(`${megabytes} MB, ${subject}: ${seconds.toFixed(2)} s`);
        await onNode(`rm -rf ${PLAIN} ${PLAIN}.db`);
        for (const file of [target, join(work, "copy")]) rmSync(file, { force: true });
      }
    }
    return timings;
  } finally {
    await environment.remove();
    rmSync(work, { recursive: true });
  }
}

const PLAIN = "/var/tmp/bench-plain";

async function backup(environment: Environment, file: string): Promise<void> {
  const { code, stdout, stderr } = await labCommand(environment, "backup", file);
  if (code !== 0) throw new SetupError(`lab backup failed: ${stdout}${stderr}`);
}

/** Writes keys with random values, which cannot be compressed. */
async function fill(environment: Environment, megabytes: number, signal: AbortSignal): Promise<void> {
  const { hosts } = await environment.outputs();
  const address = hosts?.[NODE]?.address ?? "";
  const encoded = (content: Buffer | string) => Buffer.from(content).toString("base64");
  const numbers = Array.from({ length: (megabytes * 1_000_000) / VALUE }, (_, i) => i);
  await pMap(
    numbers,
    async (number) => {
      const body = JSON.stringify({ key: encoded(`bench/${number}`), value: encoded(randomBytes(VALUE)) });
      const answer = await fetch(`http://${address}:2379/v3/kv/put`, { method: "POST", body, signal });
      if (!answer.ok) throw new SetupError(`etcd did not take a key: ${await answer.text()}`);
    },
    { concurrency: 16 },
  );
}
