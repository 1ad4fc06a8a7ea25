import { existsSync } from "node:fs";
import { PROJECT } from "../toolchain/environment.ts";
import { setUp } from "../toolchain/machine.ts";
import { main } from "../toolchain/main.ts";
import { attempt, run } from "../toolchain/run.ts";
import { SetupError } from "../toolchain/step.ts";
import { diagnose } from "./doctor/diagnose.ts";
import { hasProblem, report } from "./doctor/report.ts";
import { environments, settingsOf } from "./environments.ts";
import { containerTable, inspect } from "./inspect/inspect.ts";
import { readOutputs } from "./outputs.ts";
import { pulumi } from "./pulumi.ts";
import { refuseLost } from "./recover/lost.ts";
import { table } from "./table.ts";
import { showProgress } from "./verify/progress.ts";
import { conclusion, resultTable } from "./verify/report.ts";
import { verify } from "./verify/verify.ts";

const DEFAULT_ENVIRONMENT = "practice";

/** Sets the machine up, brings an environment up, and shows that it does what its labs say. */
await main(async () => {
  const [environment = DEFAULT_ENVIRONMENT, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || !existsSync(settingsOf(environment))) {
    throw new SetupError(`usage: npm start -- [ENVIRONMENT], one of ${environments().join(", ")}`);
  }
  await setUp();
  process.chdir(PROJECT);
  await makeStack(environment);
  const findings = await diagnose(environment);
  console.log(`\n${report(findings)}\n`);
  if (hasProblem(findings)) return 1;
  // With a refresh, so that starting again also repairs what was stopped or removed by hand.
  const code = await pulumi(environment, ["up", "--refresh"]);
  if (code !== 0) return code;
  return show(environment);
});

async function makeStack(environment: string): Promise<void> {
  const known = await attempt("pulumi", ["stack", "output", "--json", "--non-interactive", "--stack", environment]);
  if (known !== undefined) return;
  await refuseLost(environment);
  await run("pulumi", ["stack", "init", environment, "--no-select", "--non-interactive"]);
}

async function show(environment: string): Promise<number> {
  const outputs = await readOutputs(environment);
  const { urls, checks } = outputs;
  const progress = showProgress(checks.length);
  const results = await verify(outputs, { observer: progress }).finally(progress?.stop);
  // A lab without containers has neither a table of them nor an address for people.
  const sections = [
    containerTable(await inspect(environment, outputs)),
    resultTable(results),
    table(Object.entries(urls)),
  ];
  for (const section of [...sections, conclusion(environment, results)].filter((each) => each !== ""))
    console.log(`\n${section}`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}
