import { type Result, verify } from "../../checks/verify.ts";
import { LabError } from "../../cli/errors.ts";
import { type Outputs, readOutputs } from "../../state/outputs.ts";
import { foreignersOf } from "./diagnosis.ts";
import type { Foreign } from "./foreign.ts";
import { labsOf } from "./plan.ts";
import { rebuild } from "./rebuild.ts";
import type { Step } from "./step.ts";

/** What came of it. */
export interface Recovered {
  readonly results: readonly Result[];
  /** What is not ours and may be why checks still fail. */
  readonly foreign: readonly Foreign[];
}

/** Carries a plan out, says what it does, and proves what came of it. */
export async function recover(environment: string, steps: readonly Step[]): Promise<Recovered> {
  for (const [index, { does, act }] of steps.slice(0, -1).entries()) {
    console.log(`\n${index + 1}. ${does}`);
    await act();
  }
  const before = await prove(environment);
  const failed = before.results.filter(({ passed }) => !passed);
  if (failed.length === 0) return { ...before, foreign: [] };
  const labs = labsOf(failed);
  console.log(`\n${steps.length}. ${failed.length} checks still fail: makes ${labs.join(", ")} again`);
  await rebuild(environment, labs);
  const { outputs, results } = await prove(environment);
  return { results, foreign: await foreignersOf(environment, outputs, results) };
}

async function prove(environment: string): Promise<{ outputs: Outputs; results: Result[] }> {
  const outputs = await readOutputs(environment).catch((error: Error) => {
    throw new LabError(`${error.message}\nfix the errors of pulumi up above, then run npx lab recover ${environment}`);
  });
  return { outputs, results: await verify(outputs) };
}
