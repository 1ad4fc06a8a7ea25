import { UserError } from "./userError.ts";

/** What a look at the machine found: the thing is there, or it has to be installed. */
export type StepState =
  | { readonly there: string }
  | {
      /** What is missing, as it is announced: `a Docker engine (docker.io by apt)`. */
      readonly missing: string;
      /** Installs it and says what is there now. */
      readonly install: () => Promise<string>;
    };

/** One thing that the project needs on the machine. Looking changes nothing. */
export interface Step {
  readonly name: string;
  readonly look: () => Promise<StepState>;
}

/** Why the set-up could not bring what the project needs. */
export class SetupError extends UserError {}

export const say = (line: string): void => console.log(`set-up: ${line}`);

/** The time since then, in seconds. */
export const elapsed = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Brings what lanes of steps need, the lanes side by side, the steps of one after each other. Says beforehand, in one
 * sentence, what will be installed, then a line a step with its time.
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
  if (planned && "there" in planned) return say(`${name}: ${planned.there}, there already`);
  const began = performance.now();
  // Looked at again: an earlier step may have brought it, as the engine that was started brings its images.
  const found = await look();
  if ("there" in found) return say(`${name}: ${found.there}, there now`);
  say(`${name}: installing ${found.missing}`);
  say(`${name}: ${await found.install()}, done in ${elapsed(began)}`);
}
