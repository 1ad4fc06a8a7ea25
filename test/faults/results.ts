import { keptIn } from "../kept.ts";
import type { Outturn } from "./fault.ts";

/** Results of causing a fault several times in one run of the suite. */
export interface Result {
  readonly id: string;
  readonly title: string;
  readonly protects: string;
  readonly way: string;
  /** Source of the pattern for the most relevant line. */
  readonly saying: string;
  /** Start of the run (ISO 8601). */
  readonly at: string;
  readonly outturns: readonly Outturn[];
}

/** Last results of every fault that was caused in this checkout. */
export const { all: keptResults, keep } = keptIn<Result>("faults.json");

/** Successes out of attempts, such as `3/3`. */
export const survived = ({ outturns }: Result): string =>
  `${outturns.filter((each) => each.survived).length}/${outturns.length}`;

/** Median and longest time to recover in seconds, such as `4.1/5.0`; `-` if it never did. */
export function recovery({ outturns }: Result): string {
  const sorted = outturns.flatMap(({ recoverySec }) => recoverySec ?? []).sort((a, b) => a - b);
  if (sorted.length === 0) return "-";
  const at = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1);
  return `${at(0.5)}/${at(1)}`;
}

export const leftovers = ({ outturns }: Result): number =>
  outturns.reduce((sum, each) => sum + each.leftovers.length, 0);
