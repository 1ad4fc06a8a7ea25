import { UserError } from "./userError.ts";

/** Whether a requirement is present or must be installed. */
export type StepState =
  | { readonly there: string }
  | {
      /** Description of what will be installed, as printed: `a Docker engine (docker.io, by apt)`. */
      readonly missing: string;
      /** Installs it and returns a description of the result. */
      readonly install: () => Promise<string>;
    };

/** A requirement of the project on the machine. `look` changes nothing. */
export interface Step {
  readonly name: string;
  readonly look: () => Promise<StepState>;
}

/** An error of the set-up, with a message for the user. */
export class SetupError extends UserError {}

export const say = (line: string): void => console.log(`set-up: ${line}`);

/** The time since `since` (a `performance.now()` value), as seconds: `1.5 s`. */
export const elapsed = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs lanes of steps: lanes in parallel, the steps of a lane in sequence. First prints in one line what will be
 * installed, then one line with the time for each step.
 */
export async function bring(lanes: readonly (readonly Step[])[]): Promise<void> {
  const began = performance.now();
  const planned = new Map(await Promise.all(lanes.flat().map(async (step) => [step, await step.look()] as const)));
  const missing = [...planned.values()].flatMap((found) => ("missing" in found ? [found.missing] : []));
  if (missing.length > 0) say(`will install or start on this machine: ${missing.join("; ")}`);
  const bringAll = async (steps: readonly Step[]) => {
    for (const step of steps) await bringOne(step, planned.get(step));
  };
  await Promise.all(lanes.map(bringAll));
  say(`done in ${elapsed(began)}`);
}

async function bringOne({ name, look }: Step, planned?: StepState): Promise<void> {
  if (planned && "there" in planned) return say(`${name}: ${planned.there}, already present`);
  const began = performance.now();
  // Checked again: an earlier step may have provided it, as a started engine provides its images.
  const found = await look();
  if ("there" in found) return say(`${name}: ${found.there}, now present`);
  say(`${name}: installing ${found.missing}`);
  say(`${name}: ${await found.install()}, done in ${elapsed(began)}`);
}
