import { Command, Option } from "commander";
import { agreed } from "../../cli/confirm.ts";
import { resultTable, tally } from "../../cli/results.ts";
import { requireSettings } from "../../state/environments.ts";
import { type Diagnosis, diagnose } from "./diagnosis.ts";
import type { Foreign } from "./foreign.ts";
import { planFor } from "./plan.ts";
import { type Recovered, recover } from "./recover.ts";
import type { EngineRestart } from "./restarts.ts";
import type { Step } from "./step.ts";

interface Options {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly move?: true;
}

export const recoverCommand = (): Command =>
  new Command("recover")
    .summary("repair an environment after an interrupted run, lost state or manual changes")
    .description(
      "Shows the faults of an environment and a repair plan, carries it out once confirmed, and runs every check. " +
        "Objects of others are never changed; each is listed with the command that removes it. " +
        "Exit codes: 0 every check passes, 1 a check fails or repairs are pending, 2 the environment could not be inspected.",
    )
    .argument("<environment>", "stack of this project")
    .option("--yes", "carry out the plan without asking")
    .option("--move", "recreate it on the current engine if it was on another one")
    .addOption(new Option("--dry-run", "show the plan only").conflicts("yes"))
    .addOption(new Option("--json", "show the plan only, as JSON").conflicts("yes"))
    .action(async (environment: string, options: Options) => {
      process.exitCode = await run(environment, options);
    });

async function run(environment: string, { yes, dryRun, json, move }: Options): Promise<number> {
  requireSettings(environment);
  const diagnosis = await diagnose(environment, move);
  const first = diagnosis.restarts.filter(({ isSafe }) => !isSafe);
  const steps = first.length > 0 ? [] : planFor(environment, diagnosis);
  if (json) console.log(planJson(environment, steps, first, diagnosis));
  else console.log(planText(environment, steps, first, diagnosis));
  if (steps.length === 0) return first.length > 0 ? 1 : 0;
  if (dryRun || json || !(yes || (await agreed()))) return 1;
  const recovered = await recover(environment, steps);
  console.log(`\n${outcome(environment, recovered)}`);
  return recovered.results.every(({ passed }) => passed) ? 0 : 1;
}

function planText(
  environment: string,
  steps: readonly Step[],
  first: readonly EngineRestart[],
  { results, foreign }: Diagnosis,
): string {
  if (first.length > 0) {
    const lines = first.map(({ what, restart }) => `- ${what}\n  Fix: ${restart}`);
    const head = `Environment ${environment} needs manual fixes first:`;
    return [head, ...lines, `Then: npx lab recover ${environment}`, ...foreignText(foreign)].join("\n");
  }
  if (steps.length === 0) return `Environment ${environment}: ${results?.length} checks pass, nothing to recover`;
  const lines = steps.map(({ found, does }, index) => `${index + 1}. ${found}\n   Fix: ${does}`);
  return [`Environment ${environment}, repair plan:`, ...lines, ...foreignText(foreign)].join("\n");
}

const planJson = (
  environment: string,
  steps: readonly Step[],
  first: readonly EngineRestart[],
  { foreign }: Diagnosis,
): string =>
  JSON.stringify(
    {
      environment,
      first: first.map(({ what, restart }) => ({ what, fix: restart })),
      steps: steps.map(({ found, does }) => ({ found, does })),
      foreign,
    },
    undefined,
    2,
  );

function outcome(environment: string, { results, foreign }: Recovered): string {
  const failed = results.filter(({ passed }) => !passed);
  if (failed.length === 0) return `Environment ${environment} recovered: ${tally(results)}`;
  return [resultTable(failed), "", tally(results), ...foreignText(foreign)].join("\n");
}

const foreignText = (foreign: readonly Foreign[]): string[] =>
  foreign.length === 0
    ? []
    : [
        "Not created by this project, so kept. If it causes the failures, remove it and run recover again:",
        ...foreign.map(({ what, fix }) => `- ${what}\n  Fix: ${fix}`),
      ];
