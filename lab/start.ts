import { PROJECT } from "../toolchain/environment.ts";
import { setUp } from "../toolchain/machine.ts";
import { main } from "../toolchain/main.ts";
import { attempt, errorTail, run } from "../toolchain/run.ts";
import { VM_TOOLS } from "../toolchain/tools.ts";
import { verify } from "./checks/verify.ts";
import { LabError } from "./cli/errors.ts";
import { showProgress } from "./cli/progress.ts";
import { conclusion, resultTable } from "./cli/results.ts";
import { table } from "./cli/table.ts";
import { runDoctor } from "./commands/doctor/doctor.ts";
import { onVms } from "./commands/doctor/needs.ts";
import { hasProblem, report } from "./commands/doctor/report.ts";
import { checkSettings } from "./commands/doctor/settings.ts";
import { containerTable, inspect } from "./commands/inspect/inspect.ts";
import { environments } from "./state/environments.ts";
import { refuseLost } from "./state/lost.ts";
import { readOutputs } from "./state/outputs.ts";
import { pulumi } from "./state/pulumi.ts";
import { readSettingsFile, refuseBrokenSettings } from "./state/settingsFile.ts";

const DEFAULT_ENVIRONMENT = "practice";

/** Sets this host up, brings an environment up, and runs its checks. */
await main(async () => {
  const [environment = DEFAULT_ENVIRONMENT, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || !environments().includes(environment)) {
    throw new LabError(`usage: npm start -- [ENVIRONMENT], one of ${environments().join(", ")}`);
  }
  refuseBrokenSettings(environment);
  await setUp(needsVms(environment) ? VM_TOOLS : []);
  process.chdir(PROJECT);
  const made = await isMade(environment);
  if (!made) await refuseLost(environment);
  const findings = await runDoctor(environment);
  console.log(`\n${report(findings)}\n`);
  if (hasProblem(findings)) return 1;
  if (!made) await makeStack(environment);
  // The refresh also repairs what was stopped or removed by hand.
  const code = await pulumi(environment, ["up", "--refresh"]);
  if (code !== 0) return code;
  return show(environment);
});

/**
 * Whether the settings ask for virtual machines. Errors in the settings are reported later, with the doctor's findings.
 */
function needsVms(environment: string): boolean {
  const checked = checkSettings(environment, readSettingsFile(environment)?.values ?? {});
  return "config" in checked && onVms(checked.config);
}

async function isMade(environment: string): Promise<boolean> {
  const args = ["stack", "output", "--json", "--non-interactive", "--stack", environment];
  return (await attempt("pulumi", args)) !== undefined;
}

async function makeStack(environment: string): Promise<void> {
  await run("pulumi", ["stack", "init", environment, "--no-select", "--non-interactive"]).catch((error) => {
    throw new LabError(`the stack ${environment} could not be made:\n${errorTail(error, 3)}`);
  });
}

async function show(environment: string): Promise<number> {
  const outputs = await readOutputs(environment);
  const { urls, checks } = outputs;
  const progress = showProgress(checks.length);
  const results = await verify(outputs, { observer: progress }).finally(progress?.stop);
  // Labs without containers have no container table and no URLs.
  const sections = [
    containerTable(await inspect(environment, outputs)),
    resultTable(results),
    table(Object.entries(urls)),
  ];
  for (const section of [...sections, conclusion(environment, results)].filter((each) => each !== ""))
    console.log(`\n${section}`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}
