import { mkdtempSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setUp } from "../toolchain/machine.ts";
import { main } from "../toolchain/main.ts";
import { SetupError } from "../toolchain/step.ts";
import { measureBackup } from "./etcd/backup.ts";
import { measureGrowth } from "./etcd/growth.ts";
import { etcdReport } from "./etcd/report.ts";
import { makeNodes } from "./nodes.ts";
import { inScratch } from "./scratch.ts";

const USAGE =
  "usage: npm run bench:etcd -- [--rounds 5] [--nodes 3,7] [--megabytes 100]; 0 leaves out a part, and a cluster has 3 to 7 nodes";

await main(async () => {
  const { rounds, sizes, megabytes } = options();
  await setUp();
  await inScratch(async (work, signal) => {
    const parts: string[] = [];
    for (const size of sizes) {
      const nodes = await makeNodes(mkdtempSync(join(work, "nodes-")), size, "node");
      try {
        signal.throwIfAborted();
        const timings = await measureGrowth(nodes, rounds, work, signal);
        parts.push(etcdReport(`A cluster of 2 members becomes one of ${size}`, timings, "pulumi", ["hand"]));
      } finally {
        await nodes.remove();
      }
    }
    if (megabytes > 0) {
      const timings = await measureBackup(megabytes, rounds, work, signal);
      parts.push(etcdReport(`Backup of ${megabytes} MB of keys`, timings, "lab backup", ["etcdctl", "dd"]));
    }
    console.log(`\n${parts.join("\n\n")}\n\nLoad at the end: ${loadavg()[0]?.toFixed(1)}`);
  });
  return 0;
});

function options() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      nodes: { type: "string", default: "3,7" },
      megabytes: { type: "string", default: "100" },
    },
  });
  const [rounds, megabytes] = [Number(values.rounds), Number(values.megabytes)];
  const sizes = values.nodes
    .split(",")
    .map(Number)
    .filter((size) => size !== 0);
  const valid =
    Number.isInteger(rounds) &&
    rounds >= 1 &&
    megabytes >= 0 &&
    sizes.every((n) => Number.isInteger(n) && n >= 3 && n <= 7);
  if (!valid) throw new SetupError(USAGE);
  return { rounds, sizes, megabytes };
}
