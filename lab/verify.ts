import type { Check } from "../stacks/checks.ts";
import { SetupError } from "../toolchain/step.ts";
import { engineAnswers, type Machines, machines } from "./machine.ts";
import type { Finding } from "./probes/from.ts";
import { probe } from "./probes.ts";

export interface Result extends Finding {
  readonly check: Check;
  readonly ms: number;
}

/**
 * Proves every check, side by side. Those that count visits come after all others, one by one, since a visit that
 * another check makes in the meantime would be counted too.
 */
export async function verify(checks: readonly Check[]): Promise<Result[]> {
  if (!(await engineAnswers())) throw new SetupError("no Docker engine answers, so nothing can be verified");
  const counting = (check: Check) => check.kind === "counts";
  const looked = machines();
  const results = await Promise.all(checks.filter((check) => !counting(check)).map((check) => prove(check, looked)));
  for (const check of checks.filter(counting)) results.push(await prove(check, looked));
  return results.sort((a, b) => checks.indexOf(a.check) - checks.indexOf(b.check));
}

async function prove(check: Check, looked: Machines): Promise<Result> {
  const began = performance.now();
  const finding = await probe(check, looked);
  return { check, ...finding, ms: Math.round(performance.now() - began) };
}
