import { setTimeout } from "node:timers/promises";
import { slowest } from "../../checks/probe.ts";
import { type Result, verify } from "../../checks/verify.ts";
import { LabError } from "../../cli/errors.ts";
import { type Outputs, readOutputs } from "../../state/outputs.ts";
import { detachedContainers, detachedSteps } from "./detached.ts";
import { foreignersOf } from "./diagnosis.ts";
import type { Foreign } from "./foreign.ts";
import { swarmLosses } from "./losses.ts";
import { lossSteps } from "./managers.ts";
import { lostMemberSteps } from "./members.ts";
import { isAcrossHosts, labsOf } from "./plan.ts";
import { rebuild } from "./rebuild.ts";
import type { Step } from "./step.ts";

/** Time between two rounds of the checks that fail, in ms. */
const AGAIN_MS = 10_000;
/** How long checks may fail before their lab is recreated, in ms; across hosts, of which it takes the data, until tasks run again. */
const PATIENCE_MS = { here: 10_000, acrossHosts: 90_000 };

/**
 * Repairs of what shows only after the steps of a plan, or is caused by one: a swarm without a quorum is never recreated while a manager
 * has its data, and a node that joins its swarm again has left it before, which takes its containers off the networks.
 */
const LATER: readonly ((environment: string, outputs: Outputs) => Promise<readonly Step[]>)[] = [
  lostMemberSteps,
  async (environment, outputs) => lossSteps(environment, await swarmLosses(environment, outputs)),
  async (environment, outputs) => detachedSteps(environment, await detachedContainers(outputs)),
];

/** What a round of checks found. */
interface Round {
  readonly outputs: Outputs;
  readonly results: readonly Result[];
}

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
  for (const stepsFor of LATER) {
    for (const { found, does, act } of await stepsFor(environment, last.outputs)) {
      console.log(`\n${steps.length}. ${found}: ${does}`);
      await act();
      last = await prove(environment);
      if (hasPassed(last)) return { ...last, foreign: [] };
    }
  }
  last = await settled(last);
  const failed = failedIn(last);
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

/**
 * Runs the checks that failed again until all pass, or some have failed for long: a host that answers late on a busy machine, or a
 * swarm that still places its tasks, is no reason to recreate it with its data.
 */
async function settled(round: Round): Promise<Round> {
  const failed = failedIn(round);
  const patienceMs =
    (isAcrossHosts(failed) ? PATIENCE_MS.acrossHosts : PATIENCE_MS.here) * slowest(round.outputs.hosts);
  const ids = failed.map(({ check }) => check.id).join(", ");
  console.log(`\nwaits up to ${Math.round(patienceMs / 1_000)} s for ${failed.length} checks that still fail (${ids})`);
  const end = Date.now() + patienceMs;
  let last = round;
  do {
    await setTimeout(AGAIN_MS);
    last = await proveAgain(last);
  } while (!hasPassed(last) && Date.now() < end);
  return last;
}

/** Runs the checks that failed once more. */
async function proveAgain({ outputs, results }: Round): Promise<Round> {
  const again = await verify({ ...outputs, checks: failedIn({ results }).map(({ check }) => check) });
  const latest = new Map(again.map((result) => [result.check.id, result]));
  return { outputs, results: results.map((result) => latest.get(result.check.id) ?? result) };
}

const failedIn = ({ results }: { readonly results: readonly Result[] }): Result[] =>
  results.filter(({ passed }) => !passed);

const hasPassed = (round: { readonly results: readonly Result[] }): boolean => failedIn(round).length === 0;

async function prove(environment: string): Promise<Round> {
  const outputs = await readOutputs(environment).catch((error: Error) => {
    throw new LabError(`${error.message}\nfix the errors of pulumi up above, then run npx lab recover ${environment}`);
  });
  return { outputs, results: await verify(outputs) };
}
