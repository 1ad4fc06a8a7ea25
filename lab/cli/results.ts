import type { Result } from "../checks/verify.ts";
import { table } from "./table.ts";

export const resultTable = (results: readonly Result[]): string =>
  table([
    ["ROW", "RESULT", "CHECK", "FOUND"],
    ...results.map(({ check, passed, found }) => [check.row, passed ? "passed" : "FAILED", check.says, found]),
  ]);

export const resultJson = (results: readonly Result[]): string =>
  JSON.stringify(
    results.map(({ check: { id, row, lab, says }, passed, found, ms }) => ({ id, row, lab, says, passed, found, ms })),
    undefined,
    2,
  );

export const tally = (results: readonly Result[]): string => {
  const failed = results.filter(({ passed }) => !passed).length;
  return `${results.length - failed} passed, ${failed} failed`;
};

/** The tally, and after failures how to go on. */
export function conclusion(environment: string, results: readonly Result[]): string {
  const failed = results.filter(({ passed }) => !passed);
  if (failed.length === 0) return tally(results);
  const hints = failed.map(({ check }) => `hint: npx lab explain ${environment} ${check.id}`);
  return [...hints, "", `${tally(results)}; back to green: npx lab recover ${environment}`].join("\n");
}
