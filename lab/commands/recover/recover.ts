import { setTimeout } from "node:timers/promises";
import { type Result, verify } from "../../checks/verify.ts";
import { LabError } from "../../cli/errors.ts";
import { type Outputs, readOutputs } from "../../state/outputs.ts";
import { replace } from "../../state/pulumi.ts";
import { foreignersOf } from "./diagnosis.ts";
import type { Foreign } from "./foreign.ts";
import { lostMembers } from "./members.ts";
import { labsOf } from "./plan.ts";
import { rebuild } from "./rebuild.ts";
import type { Step } from "./step.ts";

/** Time between two rounds of checks, both of which must fail before a lab is recreated with its practice nodes, in ms. */
const AGAIN_MS = 10_000;

/** The result of a repair. */
export interface Recovered {
  readonly results: readonly Result[];
  /** Objects of other owners that may cause the checks that still fail. */
  readonly foreign: readonly Foreign[];
}

/** Runs the steps of a plan, prints each, and runs all checks at the end. */
export async function recover(environment: string, steps: readonly Step[]): Promise<Recovered> {
  for (const [index, { does, act }] of steps.slice(0, -1).entries()) {
    console.log(`\n${index + 1}. ${does}`);
    await act();
  }
  let last = await prove(environment);
  if (hasPassed(last)) return { ...last, foreign: [] };
  const members = await lostMembers(environment, last.outputs);
  if (members.length > 0) {
    const names = members.map(({ name }) => name).join(", ");
    console.log(`\n${steps.length}. the etcd cluster has a quorum without ${names}: replaces these members`);
    await replace(
      environment,
      members.map(({ urn }) => urn),
    );
    last = await prove(environment);
    if (hasPassed(last)) return { ...last, foreign: [] };
  }
  // A host that answers late on a busy machine is no reason to recreate it with its data.
  await setTimeout(AGAIN_MS);
  const before = failedIn(last);
  last = await prove(environment);
  const failed = failedIn(last).filter(({ check }) => before.some((each) => each.check.id === check.id));
  if (failed.length === 0) {
    return { ...last, foreign: await foreignersOf(environment, last.outputs, last.results) };
  }
  const labs = labsOf(failed);
  const ids = failed.map(({ check }) => check.id).join(", ");
  console.log(`\n${steps.length}. ${failed.length} checks still fail (${ids}): recreates ${labs.join(", ")}`);
  await rebuild(environment, labs);
  const { outputs, results } = await prove(environment);
  return { results, foreign: await foreignersOf(environment, outputs, results) };
}

const failedIn = ({ results }: { readonly results: readonly Result[] }): Result[] =>
  results.filter(({ passed }) => !passed);

const hasPassed = (round: { readonly results: readonly Result[] }): boolean => failedIn(round).length === 0;

async function prove(environment: string): Promise<{ outputs: Outputs; results: Result[] }> {
  const outputs = await readOutputs(environment).catch((error: Error) => {
    throw new LabError(`${error.message}\nfix the errors of pulumi up above, then run npx lab recover ${environment}`);
  });
  return { outputs, results: await verify(outputs) };
}
