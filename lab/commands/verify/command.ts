import { Command, InvalidArgumentError, Option } from "commander";
import { TIMEOUT_SEC } from "../../checks/probe.ts";
import { type Result, verify } from "../../checks/verify.ts";
import { LabError } from "../../cli/errors.ts";
import { resultJunit } from "../../cli/junit.ts";
import { showProgress } from "../../cli/progress.ts";
import { conclusion, resultJson, resultTable } from "../../cli/results.ts";
import { resultTap } from "../../cli/tap.ts";
import { requireEngine } from "../../state/engineIdentity.ts";
import { readOutputs } from "../../state/outputs.ts";
import { isAsExpected, matrixTable, reachMatrix } from "./matrix.ts";
import { select } from "./select.ts";
import { watch } from "./watch.ts";

/** Default pause between two rounds of `--watch`. */
const PAUSE_SEC = 5;
/** Minimum of `--timeout`: checks that expect no answer wait for it, and would always fail with less. */
const LEAST_TIMEOUT_SEC = 5;
const MOST_SEC = 3_600;

interface Options {
  readonly format: "table" | "tap" | "junit" | "json";
  readonly json?: true;
  readonly only: readonly string[];
  readonly watch?: true | number;
  readonly matrix?: true;
  readonly timeout: number;
}

const formats: Readonly<Record<Options["format"], (environment: string, results: readonly Result[]) => string>> = {
  table: (environment, results) => `${resultTable(results)}\n\n${conclusion(environment, results)}`,
  tap: (_, results) => resultTap(results),
  junit: resultJunit,
  json: (_, results) => resultJson(results),
};

export const verifyCommand = (): Command =>
  new Command("verify")
    .summary("check that a running environment does what its labs promise")
    .description(
      "Checks from outside that a running environment does what its labs promise. " +
        "Exit codes: 0 every check passed, 1 a check failed, 2 the checks could not be run.",
    )
    .argument("<environment>", "stack of this project")
    .addOption(new Option("--format <format>", "format of the results").choices(Object.keys(formats)).default("table"))
    .option("--json", "short for --format json")
    .option("--only <pattern...>", "run these checks only: ids, globs of ids, rows such as 8 or 8.3, labs", [])
    .option(
      "--watch [seconds]",
      `repeat until Ctrl-C, with this pause between rounds (default: ${PAUSE_SEC})`,
      seconds(1),
    )
    .option("--matrix", "show which object reaches which, expected and actual; --only takes labs here")
    .option("--timeout <seconds>", "time limit of a check", seconds(LEAST_TIMEOUT_SEC), TIMEOUT_SEC)
    .action(async (environment: string, { json, ...given }: Options) => {
      const options = json ? { ...given, format: "json" as const } : given;
      await requireEngine(environment);
      if (options.matrix) return proveMatrix(environment, options);
      if (options.watch !== undefined) return keepProving(environment, options);
      await proveOnce(environment, options);
    });

async function proveOnce(environment: string, { format, only, timeout }: Options): Promise<void> {
  const { checks, hosts } = await readOutputs(environment);
  const selected = select(checks, only);
  const progress = showProgress(selected.length);
  const results = await verify({ checks: selected, hosts }, { timeoutSec: timeout, observer: progress }).finally(
    progress?.stop,
  );
  console.log(formats[format](environment, results));
  process.exitCode = codeOf(results.every(({ passed }) => passed));
}

async function proveMatrix(environment: string, { format, only, watch: again }: Options): Promise<void> {
  if (again !== undefined || format === "tap" || format === "junit") {
    throw new LabError("--matrix is shown once, as a table or as JSON: leave out --watch and --format tap or junit");
  }
  const pairs = await reachMatrix(await readOutputs(environment), only);
  console.log(format === "json" ? JSON.stringify(pairs, undefined, 2) : matrixTable(pairs));
  process.exitCode = codeOf(pairs.every(isAsExpected));
}

async function keepProving(environment: string, { format, only, watch: again, timeout }: Options): Promise<void> {
  if (format !== "table") throw new LabError("--watch prints what changes: leave out --format and --json");
  const { checks, hosts } = await readOutputs(environment);
  const ended = new AbortController();
  process.once("SIGINT", () => ended.abort()).once("SIGTERM", () => ended.abort());
  const last = await watch(
    environment,
    { checks: select(checks, only), hosts },
    {
      pauseSec: again === true || again === undefined ? PAUSE_SEC : again,
      signal: ended.signal,
      out: process.stdout,
      timeoutSec: timeout,
    },
  );
  // Exits now: otherwise the process would wait for what the aborted round has begun.
  process.exit(last === undefined ? 2 : codeOf(last.every(({ passed }) => passed)));
}

const codeOf = (isFine: boolean): number => (isFine ? 0 : 1);

function seconds(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && value <= MOST_SEC) return value;
    throw new InvalidArgumentError(`expected seconds from ${least} to ${MOST_SEC}, got ${text}`);
  };
}
