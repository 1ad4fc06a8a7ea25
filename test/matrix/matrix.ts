import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PROJECT } from "../../toolchain/environment.ts";
import { setUp } from "../../toolchain/machine.ts";
import { main } from "../../toolchain/main.ts";
import { errorTail, run } from "../../toolchain/run.ts";
import { SetupError } from "../../toolchain/step.ts";
import { canMakeWorld, makeWorld } from "../world.ts";
import { ENGINES } from "./engines.ts";
import { Each, Whole } from "./look.ts";
import { isRight, keep, writeDocs } from "./results.ts";
import { FIT, type Row, UNFIT } from "./rows.ts";

const USAGE = "usage: npm run matrix [-- ROW... | --list | --docs]";
const ROWS = [...FIT, ...UNFIT];
const LOOK = join(PROJECT, "test", "matrix", "look.ts");
const LIMIT_MS = 15 * 60_000;

/** Runs the labs on engines of every generation, each in its own world, and writes docs/compatibility.md. */
await main(async () => {
  const { rows, list, docs } = readArguments();
  if (list) {
    for (const { id, engine, settings } of ROWS) console.log(id, ENGINES[engine].from, JSON.stringify(settings));
    return 0;
  }
  if (docs) {
    writeDocs();
    return 0;
  }
  await setUp(["mmdebstrap"]);
  if (!canMakeWorld()) throw new SetupError("the matrix needs root, and the default engine of this machine");
  let passed = 0;
  for (const row of rows) passed += (await ran(row)) ? 1 : 0;
  writeDocs();
  console.log(`\n${passed} passed, ${rows.length - passed} failed`);
  return passed === rows.length ? 0 : 1;
});

interface Arguments {
  readonly rows: readonly Row[];
  /** Only lists the rows. */
  readonly list: boolean;
  /** Only writes the page from known results. */
  readonly docs: boolean;
}

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    options: { list: { type: "boolean", default: false }, docs: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((id) => !ROWS.some((row) => row.id === id));
  if (unknown.length > 0) {
    throw new SetupError(
      `no such row: ${unknown.join(", ")}; the rows are ${ROWS.map(({ id }) => id).join(", ")}\n${USAGE}`,
    );
  }
  return { ...values, rows: positionals.length === 0 ? ROWS : ROWS.filter(({ id }) => positionals.includes(id)) };
}

/** Whether a row has the expected result. */
async function ran(row: Row): Promise<boolean> {
  process.stdout.write(`${row.id.padEnd(16)}`);
  const began = performance.now();
  try {
    const result = { ...row, at: new Date().toISOString(), ...(await verifyRow(row)) };
    keep(result);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(`${isRight(result) ? "passed" : "FAILED"} in ${seconds} s, engine ${result.look.self.version}`);
    if (!isRight(result)) {
      if ("said" in result.look)
        console.log(`  the doctor says ${result.look.said.join()}, and these fail: ${result.look.seen.join()}`);
      for (const line of result.look.wrong) console.log(`  ${line}`);
    }
    return isRight(result);
  } catch (error) {
    console.log(`FAILED: ${errorTail(error as Error, 12)}`);
    return false;
  }
}

async function verifyRow({ engine, settings, id }: Row) {
  const env: NodeJS.ProcessEnv = await ENGINES[engine].prepare((line) => console.log(line));
  const folder = join(PROJECT, ".dockernet", "matrix");
  mkdirSync(folder, { recursive: true });
  const [daemon, seen] = [join(folder, `${id}.json`), join(folder, `${id}.seen.json`)];
  const cgroups = { "default-cgroupns-mode": "private" };
  writeFileSync(daemon, JSON.stringify({ ...cgroups, ...settings }));
  const world = await makeWorld({ ...env, ENGINE_SETTINGS: daemon });
  try {
    const isFit = FIT.some((row) => row.id === id);
    const [program = "", ...rest] = [...world.inside, process.execPath, LOOK, isFit ? "whole" : "each", seen];
    await run(program, rest, { timeoutMs: LIMIT_MS, ...(env.PATH !== undefined && { env: { PATH: env.PATH } }) });
    const printed = JSON.parse(readFileSync(seen, "utf8"));
    return { look: isFit ? Whole.parse(printed) : Each.parse(printed) };
  } finally {
    world.remove();
  }
}
