import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { contentHash } from "../components/lib/contentHash.ts";
import { type ImageOrigin, imageSource, type ServiceName } from "../stacks/images.ts";
import { type Environment, failures, makeEnvironment } from "../test/integration/environment.ts";
import { setUp } from "../toolchain/machine.ts";
import { main } from "../toolchain/main.ts";
import { errorTail, run } from "../toolchain/run.ts";
import { SetupError } from "../toolchain/step.ts";
import { criticalPath, type Span, type Step } from "./criticalPath.ts";
import { median } from "./report.ts";

const USAGE = "usage: npm run bench:overlay -- [--rounds 3]";
const SINGLE_HOST = ["bridge", "links", "ports", "isolation", "counter", "namespaces"] as const;
const SCRIPT = fileURLToPath(new URL("overlay.sh", import.meta.url));

/** Duration of one `pulumi up` from nothing, in seconds. */
interface Up {
  readonly up: number;
  /** Duration including `lab verify`. */
  readonly green: number;
  readonly path: readonly Step[];
}

/** One run of the script: total time and time of each step, in seconds. */
interface ByHand {
  readonly total: number;
  readonly steps: readonly (readonly [string, number])[];
}

await main(async () => {
  const rounds = options();
  await setUp();
  // Builds the images and warms the caches.
  await measure(["overlay"]);
  await measure(SINGLE_HOST);
  const overlays: Up[] = [];
  const byHand: ByHand[] = [];
  const singles: Up[] = [];
  const subjects = [
    async () => overlays.push(await measure(["overlay"])),
    async () => byHand.push(await script()),
    async () => singles.push(await measure(SINGLE_HOST)),
  ];
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < subjects.length; i++) await subjects[(i + round) % subjects.length]?.();
  }
  console.log(report(overlays, byHand, singles));
  return 0;
});

function options(): number {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new SetupError(USAGE);
  return rounds;
}

/** Creates an environment with these labs from nothing, verifies it, and removes it. */
async function measure(labs: readonly string[]): Promise<Up> {
  const environment = await makeEnvironment({ labs });
  try {
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    const [starts, ends] = [new Map<string, number>(), new Map<string, number>()];
    let up = 0;
    await environment.stack.up({
      onEvent({ resourcePreEvent, resOutputsEvent }) {
        // Time of the last event: the Automation API then queries outputs and history.
        up = seconds();
        if (resourcePreEvent) starts.set(resourcePreEvent.metadata.urn, seconds());
        if (resOutputsEvent) ends.set(resOutputsEvent.metadata.urn, seconds());
      },
    });
    const made = seconds();
    const failed = failures(await environment.verify());
    const green = up + seconds() - made;
    if (failed.length > 0) throw new SetupError(`the checks ${failed.join(", ")} failed`);
    const path = criticalPath(await spans(environment, starts, ends));
    console.log(`${labs.join(", ")}: up ${up.toFixed(2)} s, all checks passed after ${green.toFixed(2)} s`);
    return { up, green, path };
  } finally {
    await environment.remove();
  }
}

interface Resource {
  readonly urn: string;
  readonly custom?: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
}

async function spans(
  { stack }: Environment,
  starts: ReadonlyMap<string, number>,
  ends: ReadonlyMap<string, number>,
): Promise<Span[]> {
  const { deployment } = (await stack.exportStack()) as { deployment: { resources: readonly Resource[] } };
  const all = new Map(deployment.resources.map((resource) => [resource.urn, resource]));
  /** What a resource needs; in place of a component, which has no duration of its own, what that needs. */
  const neededBy = ({ dependencies = [], parent, provider }: Resource): string[] =>
    [...dependencies, parent, provider?.replace(/::[^:]*$/, "")].flatMap((urn) => {
      const needed = urn === undefined ? undefined : all.get(urn);
      if (needed === undefined) return [];
      return needed.custom ? [needed.urn] : neededBy(needed);
    });
  return deployment.resources
    .filter(({ custom }) => custom)
    .map((resource) => {
      const start = starts.get(resource.urn) ?? 0;
      return { urn: resource.urn, start, end: ends.get(resource.urn) ?? start, after: neededBy(resource) };
    });
}

/** Same for the script; the time excludes the removal. */
async function script(): Promise<ByHand> {
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-bench-"));
  const env = {
    ID: `bench-${process.pid}`,
    NODE: imageName("node"),
    TINY: imageName("tiny"),
    LAN: `10.77.${process.pid % 256}`,
    SCRATCH: scratch,
  };
  try {
    const began = performance.now();
    const printed = await run("sh", [SCRIPT, "up"], { env }).catch((error) => {
      throw new SetupError(`overlay.sh failed: ${errorTail(error)}`);
    });
    const total = (performance.now() - began) / 1000;
    console.log(`by hand: ${total.toFixed(2)} s`);
    const steps = printed.split("\n").map((line) => {
      const [name = "", ms] = line.split(" ");
      return [name, Number(ms) / 1000] as const;
    });
    return { total, steps };
  } finally {
    await run("sh", [SCRIPT, "down"], { env });
    rmSync(scratch, { recursive: true });
  }
}

/** Tag of an image that the project builds, as in ServiceImage. */
function imageName(service: ServiceName): string {
  const source = imageSource(service, process.env.DOCKERNET_IMAGES as ImageOrigin);
  if ("reference" in source) return source.reference;
  return `${source.repository}:${contentHash(source.context, source.base)}`;
}

function report(overlays: readonly Up[], byHand: readonly ByHand[], singles: readonly Up[]): string {
  const hand = median(byHand.map(({ total }) => total)) ?? 0;
  const own = median(overlays.map(({ up }) => up)) ?? 0;
  return [
    "",
    `${overlays.length} rounds; seconds, medians`,
    "",
    "| what | up | to green |",
    "| --- | ---: | ---: |",
    `| overlay | ${own.toFixed(2)} | ${medianOf(overlays, "green")} |`,
    `| overlay.sh, one ping | ${hand.toFixed(2)} | |`,
    `| Pulumi / script | ${(own / hand).toFixed(2)} | |`,
    `| ${SINGLE_HOST.join(", ")} | ${medianOf(singles, "up")} | ${medianOf(singles, "green")} |`,
    ...pathOf("overlay", overlays),
    ...pathOf("the single-host labs", singles),
    ...handSteps(byHand),
  ].join("\n");
}

function medianOf(ups: readonly Up[], key: "up" | "green"): string {
  return (median(ups.map((each) => each[key])) ?? 0).toFixed(2);
}

/** The critical path of the round with the median time, because it may differ in each round. */
function pathOf(title: string, ups: readonly Up[]): string[] {
  const middle = ups.toSorted((a, b) => a.up - b.up)[(ups.length - 1) >> 1];
  if (!middle) return [];
  const { path, up } = middle;
  const last = path.reduce((sum, { waited, took }) => sum + waited + took, 0);
  return [
    "",
    `Critical path of ${title}, ${up.toFixed(2)} s:`,
    "",
    "| step | waited | took |",
    "| --- | ---: | ---: |",
    ...path.map(({ urn, waited, took }) => `| ${shortName(urn)} | ${waited.toFixed(2)} | ${took.toFixed(2)} |`),
    `| Pulumi's end | ${(up - last).toFixed(2)} | |`,
  ];
}

function shortName(urn: string): string {
  const [types = "", name = ""] = urn.split("::").slice(-2);
  return `${types.split("$").at(-1)?.split(":").at(-1)} ${name}`;
}

function handSteps(byHand: readonly ByHand[]): string[] {
  const names = byHand[0]?.steps.map(([name]) => name) ?? [];
  const times = names.map((_, i) => median(byHand.map(({ steps }) => steps[i]?.[1] ?? 0)) ?? 0);
  return ["", `By hand: ${names.map((name, i) => `${name} ${times[i]?.toFixed(2)}`).join(", ")}`];
}
