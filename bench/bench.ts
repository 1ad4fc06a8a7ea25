import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { subBlock } from "../components/lib/cidr.ts";
import { recordedResources } from "../lab/state/stackExport.ts";
import { type ImageOrigin, imageSource } from "../stacks/images.ts";
import { PROJECT } from "../toolchain/environment.ts";
import { setUp } from "../toolchain/machine.ts";
import { main } from "../toolchain/main.ts";
import { errorTail, run } from "../toolchain/run.ts";
import { SetupError } from "../toolchain/step.ts";
import { cleanliness, type Results, report } from "./report.ts";
import { cli, compose, composeCommand, type MakeSubject, pulumi, TASKS, type Task } from "./subjects.ts";
import { checkUp, leftovers, sweep, type Workload } from "./workload.ts";

const USAGE = "usage: npm run bench -- [--sizes 10,40] [--rounds 3] [--destroy-runs 0] [--start]";
/** Block of which each workload takes the next /24. */
const SUBNETS = "10.64.0.0/12";

await main(async () => {
  const { sizes, rounds, destroyRuns, start } = options();
  await setUp();
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-bench-"));
  try {
    const makers = [pulumi, compose(await composeCommand()), cli];
    const next = workloads(await sleeperImage());
    const results: Results = { timings: [], endings: [] };
    for (let round = 0; round < rounds; round++) {
      for (const size of sizes) {
        // Rotated each round, so that no subject always runs first.
        for (const make of makers.map((_, i) => makers[(i + round) % makers.length] as MakeSubject)) {
          await measure(make, next(size), scratch, results);
        }
      }
    }
    console.log(`\n${report(results, sizes)}`);
    if (destroyRuns > 0) {
      const size = Math.max(...sizes);
      const runs: Results = { timings: [], endings: [] };
      for (let i = 0; i < destroyRuns; i++) await measure(pulumi, next(size), scratch, runs, ["up", "down"]);
      console.log(`\nDestroy by Pulumi at N = ${size}, nothing left behind: ${cleanliness(runs.endings)}`);
    }
    if (start) console.log(`\nnpm start, with everything already present: ${(await warmStart()).toFixed(1)} s`);
    return 0;
  } finally {
    rmSync(scratch, { recursive: true });
  }
});

function options() {
  const { values } = parseArgs({
    options: {
      sizes: { type: "string", default: "10,40" },
      rounds: { type: "string", default: "3" },
      "destroy-runs": { type: "string", default: "0" },
      start: { type: "boolean", default: false },
    },
  });
  const sizes = values.sizes.split(",").map(Number);
  const [rounds, destroyRuns] = [Number(values.rounds), Number(values["destroy-runs"])];
  // 250: the hosts of a /24, minus its bridge.
  const valid = sizes.every((n) => Number.isInteger(n) && n >= 1 && n <= 250) && rounds >= 1 && destroyRuns >= 0;
  if (!valid) throw new SetupError(USAGE);
  return { sizes, rounds, destroyRuns, start: values.start };
}

/** Id of an image with `sleep`: the base of the project's own images. */
async function sleeperImage(): Promise<string> {
  const source = imageSource("web", process.env.DOCKERNET_IMAGES as ImageOrigin);
  const name = "base" in source ? source.base : source.reference;
  const inspect = () => run("docker", ["image", "inspect", "--format", "{{.Id}}", name]);
  return inspect().catch(async () => {
    await run("docker", ["pull", "--quiet", name]);
    return inspect();
  });
}

function workloads(image: string): (size: number) => Workload {
  let made = 0;
  const first = process.pid % 2048;
  return (size) => {
    const subnet = subBlock(SUBNETS, 24, (first + made++) % 4096);
    return { id: `b${process.pid}-${made}`, size, image, subnet };
  };
}

async function measure(
  make: MakeSubject,
  workload: Workload,
  scratch: string,
  results: Results,
  wanted: readonly Task[] = TASKS,
): Promise<void> {
  const { size } = workload;
  const { name: subject, tasks, before, after } = make(workload, scratch);
  await before?.();
  try {
    for (const task of wanted) {
      const work = tasks[task];
      if (!work) continue;
      const began = performance.now();
      const problem = await work().then(() => undefined, errorTail);
      const seconds = (performance.now() - began) / 1000;
      console.log(`${subject}, N = ${size}, ${task}: ${problem ?? `${seconds.toFixed(2)} s`}`);
      if (problem === undefined) results.timings.push({ subject, size, task, seconds });
      else if (task !== "down") throw new SetupError(`${subject} ${task} failed`);
      if (task === "up") await checkUp(workload);
      if (task === "down") {
        const clean = problem === undefined && (await leftovers(workload)) === 0;
        results.endings.push({ subject, size, clean });
      }
    }
  } finally {
    await sweep(workload);
    await after?.();
  }
}

/** Duration of `npm start` on a machine where everything is set up and running. Destroys `practice` unless it was up before. */
async function warmStart(): Promise<number> {
  const stack = "practice";
  const wasUp = (await recordedResources({ stack })).length > 0;
  const once = () => run("npm", ["start"], { cwd: PROJECT });
  try {
    await once();
    const began = performance.now();
    await once();
    return (performance.now() - began) / 1000;
  } finally {
    if (!wasUp) await run("pulumi", ["destroy", "--yes", "--skip-preview", "--stack", stack], { cwd: PROJECT });
  }
}
