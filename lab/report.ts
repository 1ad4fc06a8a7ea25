import type { Result } from "./verify.ts";

/** Columns of text, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

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
