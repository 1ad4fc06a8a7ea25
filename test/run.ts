import { createHash } from "node:crypto";
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { goEnvironment } from "../toolchain/build.ts";
import { PROJECT } from "../toolchain/environment.ts";
import { setUp } from "../toolchain/machine.ts";
import { main } from "../toolchain/main.ts";
import { stream, which } from "../toolchain/run.ts";
import { bring, SetupError } from "../toolchain/step.ts";
import { type Tool, tools, VM_TOOLS } from "../toolchain/tools.ts";
import { changedSince, usersOf } from "./changed.ts";
import { type Count, type Result, show, sum, summary, timed } from "./count.ts";
import { leftOut } from "./due.ts";
import { type Job, Lanes } from "./lanes.ts";
import { engineVersion, recordPassed, sourcesOf } from "./passed.ts";
import { canMakeWorld } from "./world.ts";

const USAGE =
  "usage: npm test -- [STAGE | FILE]... [--grep PATTERN] [--all | --changed | --since COMMIT] [--lanes N | --serial]";

/** The stages of `npm test` in order: a check, or a folder of tests. Each is also a command: `npm test -- unit`. */
const STAGES: Readonly<Record<string, ((scratch: string) => Promise<Count>) | { readonly folder: string }>> = {
  lint: () =>
    commands([
      ["biome", "ci", "--error-on-warnings", "."],
      ["shellcheck", ...scripts()],
      ["shfmt", "-i", "2", "-d", ...scripts()],
    ]),
  types: () => commands([["tsc", "--noEmit"]]),
  unit: { folder: "test/unit" },
  providers: testProviders,
  integration: { folder: "test/integration" },
  e2e: { folder: "test/e2e" },
  fresh: { folder: "test/fresh" },
};
/** Folders whose files create everything they need on an engine, and can each run on another one. */
const ALONE = ["test/integration/", "test/e2e/", "test/fresh/"];
/** Files whose toolchain is built from source. */
const BUILT = ["test/integration/python.test.ts"];
/** One more than cores, because a lane waits now and then; with more than that, an engine may not get its time for etcd. */
const DEFAULT_LANES = availableParallelism() + 1;

await main(async () => {
  process.chdir(PROJECT);
  const { stages, grep, lanes, since, all } = readArguments();
  await setUp(["curl", "python3", "shellcheck", "shfmt"]);
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-test-"));
  try {
    const changed = since === undefined ? undefined : await changedSince(since);
    const engine = await engineVersion();
    const selected = stages.flatMap((stage) => partsOf(stage, changed));
    if (selected.length === 0) console.log(`no test depends on a change since ${since}`);
    const sources = new Map(selected.map(({ name }) => [name, sourcesOf(name, engine)]));
    const parts = all ? selected : await due(selected, sources);
    await bringLargeTools(parts);
    const files = parts.map(({ name }) => name).filter((name) => ALONE.some((folder) => name.startsWith(folder)));
    const together = lanes > 1 && files.length > 1 && canMakeWorld();
    const running = together
      ? Lanes.begin(
          files.map((file) => job(file, scratch, grep)),
          lanes,
          scratch,
        )
      : undefined;
    running?.catch(() => undefined); // reported after the other parts
    const results: Result[] = [];
    for (const { name, work } of parts) {
      if (work) results.push(await told(name, () => work(scratch)));
      else if (!running || !files.includes(name)) results.push(await inTurn(job(name, scratch, grep)));
    }
    if (running) results.push(...(await (await running).end()));
    if (grep === undefined) {
      for (const { name, failures } of results) if (failures.length === 0) recordPassed(name, sources.get(name));
    }
    console.log(summary(results));
    const { passed, failures } = sum(results);
    return failures.length > 0 || (passed === 0 && parts.length > 0) ? 1 : 0;
  } finally {
    rmSync(scratch, { recursive: true });
  }
});

/** The browser and QEMU, which only some tests need. */
async function bringLargeTools(parts: readonly Part[]): Promise<void> {
  const browser = parts.some(({ name }) => name.includes("graph-page"));
  const machines = parts.some(({ name }) => /practice-vm|\/vms[/.]/.test(name));
  const wanted: Tool[] = [...(browser ? (["chromium"] as const) : []), ...(machines ? VM_TOOLS : [])];
  if (wanted.length > 0) await bring([[tools(wanted)]]);
}

interface Arguments {
  /** Stages and test files. */
  readonly stages: readonly string[];
  /** Mocha's pattern for test titles. */
  readonly grep: string | undefined;
  /** Number of files that may run in parallel. */
  readonly lanes: number;
  /** A commit: run only files that depend on what changed since. */
  readonly since: string | undefined;
  /** Whether to run also what passed on this machine with the same sources. */
  readonly all: boolean;
}

function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({
      options: {
        grep: { type: "string" },
        lanes: { type: "string" },
        serial: { type: "boolean", default: false },
        changed: { type: "boolean", default: false },
        since: { type: "string" },
        all: { type: "boolean", default: Boolean(process.env.CI) },
      },
      allowPositionals: true,
    });
    const unknown = positionals.filter(
      (each) => !(Object.hasOwn(STAGES, each) || (each.endsWith(".test.ts") && globSync(each).length > 0)),
    );
    if (unknown.length > 0) {
      const known = Object.keys(STAGES).join(", ");
      throw new Error(`unknown stage or test file: ${unknown.join(", ")}; stages: ${known}`);
    }
    const lanes = values.serial ? 1 : Number(values.lanes ?? DEFAULT_LANES);
    if (!(Number.isInteger(lanes) && lanes > 0))
      throw new Error(`--lanes: expected a number of 1 or more, got ${values.lanes}`);
    // A pattern selects single tests, which the other stages do not have.
    const byMocha = Object.keys(STAGES).filter((stage) => typeof STAGES[stage] !== "function");
    const stages = positionals.length > 0 ? positionals : values.grep === undefined ? Object.keys(STAGES) : byMocha;
    const since = values.since ?? (values.changed ? "HEAD" : undefined);
    // What is selected in any other way runs.
    const whole = positionals.length === 0 && values.grep === undefined && since === undefined;
    return { stages, grep: values.grep, lanes, since, all: values.all || !whole };
  } catch (error) {
    throw new SetupError(`${(error as Error).message}\n${USAGE}`);
  }
}

/** A check, all unit tests at once, or a file that can run separately. */
interface Part {
  readonly name: string;
  readonly work?: (scratch: string) => Promise<Count>;
}

/** The parts of a stage, or of a test file. */
function partsOf(stage: string, changed: readonly string[] | undefined): Part[] {
  const what = STAGES[stage];
  const named = (names: readonly string[]): Part[] => names.map((name) => ({ name }));
  const tests = what === undefined ? [stage] : typeof what === "function" ? [] : filesOf(what.folder);
  const picked = changed === undefined ? tests : usersOf(changed, tests);
  if (typeof what !== "function")
    return named(stage === "unit" && picked === tests ? [`${what?.folder}/*.test.ts`] : picked);
  const concerned =
    stage !== "providers" ||
    changed === undefined ||
    changed.some((file) => /^(toolchain\/go|test\/providers)\//.test(file));
  return concerned ? [{ name: stage, work: what }] : [];
}

/** The parts of a whole run that are due; names the others. */
async function due(parts: readonly Part[], sources: ReadonlyMap<string, string | undefined>): Promise<readonly Part[]> {
  const others = await leftOut(sources);
  if (others.length > 0) console.log("left out (--all runs everything, as continuous integration does):");
  for (const { name, why } of others) console.log(`  ${name}: ${why}`);
  return parts.filter((part) => !others.some(({ name }) => name === part.name));
}

/** The test files of a folder, each alone; those of a folder in it share an environment, and run together. */
function filesOf(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const together = entries.filter(
    (entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "environment.ts")),
  );
  const tests = entries.map(({ name }) => name).filter((file) => file.endsWith(".test.ts"));
  const files = [...tests, ...together.map(({ name }) => `${name}/*.test.ts`)];
  return files.map((file) => `${folder}/${file}`).filter((file) => !BUILT.includes(file) || hasGo(file));
}

function hasGo(file: string): boolean {
  if (which("go")) return true;
  console.log(`${file} skipped: no Go, with which the toolchain for Python is built`);
  return false;
}

async function told(name: string, work: () => Promise<Count>): Promise<Result> {
  console.log(`\n${name}`);
  const result = await timed(name, work);
  console.log(`${name}: ${show(result)} in ${result.seconds.toFixed(1)} s`);
  return result;
}

/** Every shell script of the project. */
function scripts(): string[] {
  const foreign = new Set([".git", ".dockernet", "node_modules"]);
  const folders = readdirSync(PROJECT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .filter(({ name }) => !foreign.has(name))
    .flatMap(({ name }) => readdirSync(join(PROJECT, name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && (entry.name.endsWith(".sh") || entry.parentPath.endsWith(".ci")))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The source-built providers, tested only on machines that had to build them. */
async function testProviders(scratch: string): Promise<Count> {
  if (!which("go")) {
    console.log("  skipped: no Go, so no provider was built from source");
    return { passed: 0, failures: [] };
  }
  const folderOf = (name: string) => join(PROJECT, "toolchain", "go", name);
  const formatted = ["docker", "command", "linearizable", "python-sdk"].map((name) => [
    "sh",
    join(PROJECT, "test", "gofmt.sh"),
    folderOf(name),
  ]);
  // Vet reads all of a module's dependencies, and go test would do so again with its own choice of analyzers. python-sdk is
  // one file, which the test of a Python program runs; its dependencies are most of the CLI.
  const tested = ["docker", "command", "linearizable"].map((name) => [
    "go",
    "-C",
    folderOf(name),
    "test",
    "-vet=all",
    "./...",
  ]);
  const checks = [...formatted, ...tested];
  return sum([
    await commands(checks, await goEnvironment()),
    await inTurn(job("test/providers/**/*.test.ts", scratch, undefined)),
  ]);
}

async function commands(lines: readonly (readonly string[])[], env: NodeJS.ProcessEnv = {}): Promise<Count> {
  const counts: Count[] = [];
  for (const [program = "", ...args] of lines) {
    const code = await stream(program, args, env);
    const title = [program, ...args].join(" ").slice(0, 80);
    console.log(`  ${code === 0 ? "✔" : "✘"} ${title}`);
    counts.push(
      code === 0
        ? { passed: 1, failures: [] }
        : { passed: 0, failures: [{ title, reason: `ended with the exit code ${code}` }] },
    );
  }
  return sum(counts);
}

/** Test files in a separate process, whose reporter writes the counts to a file. */
function job(files: string, scratch: string, grep: string | undefined): Job {
  const counts = join(scratch, `${createHash("sha256").update(files).digest("hex").slice(0, 12)}.json`);
  return {
    file: files,
    command: ["mocha", "--reporter", "test/reporter.ts", ...(grep === undefined ? [] : ["--grep", grep]), files],
    env: { COUNT_FILE: counts },
    count(code) {
      const unknown = { title: files, reason: `mocha ended with the exit code ${code}; its output tells why` };
      try {
        const count = JSON.parse(readFileSync(counts, "utf8")) as Count;
        // Some failures belong to no test, and only mocha's exit code reports them.
        return count.failures.length === 0 && code !== 0 ? { ...count, failures: [unknown] } : count;
      } catch {
        return { passed: 0, failures: [unknown] };
      }
    },
  };
}

/** Runs a job on this terminal. */
function inTurn({ file, command: [program = "", ...args], env, count }: Job): Promise<Result> {
  return told(file, async () => count(await stream(program, args, env)));
}
