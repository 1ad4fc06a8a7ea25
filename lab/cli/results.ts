import type { Result } from "../checks/verify.ts";
import { table } from "./table.ts";

export const resultTable = (results: readonly Result[]): string =>
  table([
    ["ROW", "RESULT", "CHECK", "ACTUAL"],
    ...results.map(({ check, passed, actual }) => [check.row, passed ? "passed" : "FAILED", check.title, actual]),
  ]);

export const resultJson = (results: readonly Result[]): string =>
  JSON.stringify(
    results.map(({ check: { id, row, lab, title }, passed, actual, ms }) => ({
      id,
      row,
      lab,
      title,
      passed,
      actual,
      ms,
    })),
    undefined,
    2,
  );

export const tally = (results: readonly Result[]): string => {
  const failed = results.filter(({ passed }) => !passed).length;
  return `${results.length - failed} passed, ${failed} failed`;
};

/** Returns the tally and, after failures, the commands to run next. */
export function conclusion(environment: string, results: readonly Result[]): string {
  const failed = results.filter(({ passed }) => !passed);
  if (failed.length === 0) return tally(results);
  const hints = failed.map(({ check }) => `hint: npx lab explain ${environment} ${check.id}`);
  return [...hints, "", `${tally(results)}; back to green: npx lab recover ${environment}`].join("\n");
}
