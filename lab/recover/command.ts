import { createInterface } from "node:readline/promises";
import { Command, Option } from "commander";
import { requireSettings } from "../environments.ts";
import { resultTable, tally } from "../verify/report.ts";
import { type Diagnosis, diagnose } from "./diagnosis.ts";
import type { Foreign } from "./foreign.ts";
import { planFor, type Step } from "./plan.ts";
import { type Recovered, recover } from "./recover.ts";

interface Options {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

export const recoverCommand = (): Command =>
  new Command("recover")
    .summary("bring an environment back, whatever has happened to it")
    .description(
      "Says what is the matter with an environment and what is to be done, then does it, and proves every check. " +
        "What is not this project's is never touched, but named with the command that removes it. " +
        "Exits with 0 when every check passes, 1 when one does not or something is to be done, 2 when it could not look.",
    )
    .argument("<environment>", "stack of this project")
    .option("--yes", "do it without asking")
    .addOption(new Option("--dry-run", "only say what is to be done").conflicts("yes"))
    .addOption(new Option("--json", "only say what is to be done, as JSON").conflicts("yes"))
    .action(async (environment: string, options: Options) => {
      process.exitCode = await run(environment, options);
    });

async function run(environment: string, { yes, dryRun, json }: Options): Promise<number> {
  requireSettings(environment);
  const diagnosis = await diagnose(environment);
  const steps = planFor(environment, diagnosis);
  if (json) console.log(planJson(environment, steps, diagnosis));
  else console.log(planText(environment, steps, diagnosis));
  if (steps.length === 0) return 0;
  if (dryRun || json || !(yes || (await agreed()))) return 1;
  const recovered = await recover(environment, steps);
  console.log(`\n${outcome(environment, recovered)}`);
  return recovered.results.every(({ passed }) => passed) ? 0 : 1;
}

function planText(environment: string, steps: readonly Step[], { results, foreign }: Diagnosis): string {
  if (steps.length === 0) return `environment ${environment}: ${results?.length} checks pass, nothing to recover`;
  const lines = steps.map(({ found, does }, index) => `${index + 1}. ${found}\n   -> ${does}`);
  return [`environment ${environment}, found and to be done:`, ...lines, ...foreignText(foreign)].join("\n");
}

const planJson = (environment: string, steps: readonly Step[], { foreign }: Diagnosis): string =>
  JSON.stringify({ environment, steps: steps.map(({ found, does }) => ({ found, does })), foreign }, undefined, 2);

function outcome(environment: string, { results, foreign }: Recovered): string {
  const failed = results.filter(({ passed }) => !passed);
  if (failed.length === 0) return `environment ${environment} is back: ${tally(results)}`;
  return [resultTable(failed), "", tally(results), ...foreignText(foreign)].join("\n");
}

const foreignText = (foreign: readonly Foreign[]): string[] =>
  foreign.length === 0
    ? []
    : [
        "not this project's, so it stays; if it is in the way, remove it and recover again:",
        ...foreign.map(({ what, mend }) => `- ${what}\n  ${mend}`),
      ];

/** Asks on a terminal; without one nobody agrees. */
async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    console.log("nothing was done: there is no terminal to ask on, and no --yes");
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test(await terminal.question("\ndo it? [y/N] "));
  } finally {
    terminal.close();
  }
}
