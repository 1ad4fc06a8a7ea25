import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { setUp } from "../toolchain/machine.ts";
import { main } from "../toolchain/main.ts";
import { errorTail } from "../toolchain/run.ts";
import { SetupError } from "../toolchain/step.ts";
import { makeNodes } from "./nodes.ts";
import { inScratch } from "./scratch.ts";
import { swarmReport, type Timing } from "./swarm/report.ts";
import { type MakeSubject, plain, pulumi, stack, TASKS, type Task } from "./swarm/subjects.ts";
import { makeSwarm, type Swarm } from "./swarm/swarm.ts";
import { REPLICAS } from "./swarm/workload.ts";

const USAGE = `usage: npm run bench:swarm -- [--sizes 100,200] [--rounds 2] [--nodes 7] [--managers 3] [--tasks up,preview,update,down] [--parallel N]; sizes are multiples of ${REPLICAS}`;

await main(async () => {
  const { sizes, rounds, nodes: count, managers, tasks, parallel } = options();
  await setUp();
  await inScratch(async (work, signal) => {
    const nodes = await makeNodes(work, count, "node13");
    try {
      signal.throwIfAborted();
      const swarm = await makeSwarm(work, nodes, managers);
      const makers = [pulumi(parallel === undefined ? [] : ["--parallel", parallel]), stack, plain];
      const timings: Timing[] = [];
      // The first containers of a node take longer.
      await measure(stack, tasks, swarm, REPLICAS, work, signal);
      for (let round = 0; round < rounds; round++) {
        for (const size of sizes) {
          // Rotated each round, so that no subject always runs first.
          for (const make of makers.map((_, i) => makers[(i + round) % makers.length] as MakeSubject)) {
            timings.push(...(await measure(make, tasks, swarm, size, work, signal)));
          }
        }
      }
      console.log(`\n${swarmReport(timings, sizes)}`);
    } finally {
      await nodes.remove();
    }
  });
  return 0;
});

function options() {
  const { values } = parseArgs({
    options: {
      sizes: { type: "string", default: "100,200" },
      rounds: { type: "string", default: "2" },
      nodes: { type: "string", default: "7" },
      managers: { type: "string", default: "3" },
      tasks: { type: "string", default: TASKS.join() },
      // Resources that Pulumi creates at the same time, by default 4 for each processor.
      parallel: { type: "string" },
    },
  });
  const sizes = values.sizes.split(",").map(Number);
  const [rounds, nodes, managers] = [values.rounds, values.nodes, values.managers].map(Number) as [
    number,
    number,
    number,
  ];
  const tasks = TASKS.filter((task) => values.tasks.split(",").includes(task));
  const valid =
    tasks.includes("up") &&
    tasks.includes("down") &&
    sizes.every((n) => Number.isInteger(n) && n >= REPLICAS && n % REPLICAS === 0) &&
    [rounds, nodes, managers].every((n) => Number.isInteger(n) && n >= 1) &&
    managers <= nodes;
  if (!valid) throw new SetupError(USAGE);
  return { sizes, rounds, nodes, managers, tasks, parallel: values.parallel };
}

/** Runs tasks of a subject with this number of tasks of services. Services of a failed run are removed with the nodes. */
async function measure(
  make: MakeSubject,
  wanted: readonly Task[],
  swarm: Swarm,
  size: number,
  work: string,
  signal: AbortSignal,
): Promise<Timing[]> {
  const { name: subject, tasks, settled, before, after } = make(swarm, size / REPLICAS, work, signal);
  const timings: Timing[] = [];
  await before?.();
  for (const task of wanted) {
    const perform = tasks[task];
    if (!perform) continue;
    const began = performance.now();
    await perform()
      .then(() => settled(task))
      .catch((error) => {
        signal.throwIfAborted();
        throw new SetupError(`${subject} ${task} failed: ${errorTail(error)}`);
      });
    const seconds = (performance.now() - began) / 1000;
    timings.push({ subject, size, task, seconds });
    console.log(`${subject}, N = ${size}, ${task}: ${seconds.toFixed(2)} s, load ${loadavg()[0]?.toFixed(1)}`);
  }
  await after?.();
  return timings;
}
