import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../toolchain/environment.ts";
import { setUp } from "../toolchain/machine.ts";
import { main } from "../toolchain/main.ts";
import { stream, which } from "../toolchain/run.ts";
import { SetupError } from "../toolchain/step.ts";

interface Count {
  passed: number;
  failed: number;
}

/** The stages of `npm test`, in their order. Each is also a command of its own: `npm test -- unit`. */
const STAGES: Readonly<Record<string, () => Promise<Count>>> = {
  lint: () =>
    all([
      ["biome", "ci", "--error-on-warnings", "."],
      ["shellcheck", ...scripts()],
      ["shfmt", "-i", "2", "-d", ...scripts()],
    ]),
  types: () => all([["tsc", "--noEmit"]]),
  unit: () => mocha("unit"),
  providers: testProviders,
  integration: () => mocha("integration"),
  e2e: () => mocha("e2e"),
};

await main(async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((stage) => !(stage in STAGES));
  if (unknown.length > 0) {
    throw new SetupError(`no such stage: ${unknown.join(", ")}; there are ${Object.keys(STAGES).join(", ")}`);
  }
  process.chdir(PROJECT);
  const stages = asked.length > 0 ? asked : Object.keys(STAGES);
  // A browser is large, and the other stages have no use for it.
  await setUp(["curl", "shellcheck", "shfmt", ...(stages.includes("e2e") ? ["chromium" as const] : [])]);
  const total = { passed: 0, failed: 0 };
  for (const stage of stages) {
    const began = performance.now();
    console.log(`\n${stage}`);
    const { passed, failed } = (await STAGES[stage]?.()) ?? { passed: 0, failed: 1 };
    console.log(`${stage}: ${passed} passed, ${failed} failed in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
});

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

/** The providers that are built from source where nothing can be downloaded; elsewhere nobody has or needs them. */
async function testProviders(): Promise<Count> {
  if (!which("go")) {
    console.log("  nothing is built from source on this machine, which has no Go");
    return { passed: 0, failed: 0 };
  }
  const modules = ["docker", "command"].map((name) => join(PROJECT, "toolchain", "go", name));
  const checks = modules.flatMap((module) => [
    ["sh", join(PROJECT, "test", "gofmt.sh"), module],
    ["go", "-C", module, "vet", "./..."],
    ["go", "-C", module, "test", "./..."],
  ]);
  const [go, behaviour] = [await all(checks), await mocha("providers")];
  return { passed: go.passed + behaviour.passed, failed: go.failed + behaviour.failed };
}

async function all(commands: readonly (readonly string[])[]): Promise<Count> {
  const count = { passed: 0, failed: 0 };
  for (const [program = "", ...args] of commands) {
    const passed = (await stream(program, args)) === 0;
    console.log(`  ${passed ? "✔" : "✘"} ${[program, ...args].join(" ").slice(0, 80)}`);
    count[passed ? "passed" : "failed"] += 1;
  }
  return count;
}

/** Runs a folder of tests in a process of its own, whose reporter leaves the counts in a file. */
async function mocha(folder: string): Promise<Count> {
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-test-"));
  const file = join(scratch, "count.json");
  try {
    const code = await stream("mocha", ["--reporter", "test/reporter.ts", `test/${folder}/**/*.test.ts`], {
      COUNT_FILE: file,
    });
    const { passed, failed } = JSON.parse(readFileSync(file, "utf8")) as Count;
    // A file that cannot be loaded, or a hook that fails, is no failed test but makes mocha's exit code say so.
    return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
