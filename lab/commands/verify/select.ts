import { matchesGlob } from "node:path";
import type { Check } from "../../../stacks/checks.ts";
import { LabError } from "../../cli/errors.ts";

/** The checks that match any of the patterns; all without patterns. Throws if a pattern matches none. */
export function select(checks: readonly Check[], patterns: readonly string[]): Check[] {
  const unknown = patterns.filter((pattern) => !checks.some((check) => isMeant(check, pattern)));
  if (unknown.length > 0)
    throw new LabError(`there is no check ${unknown.join(", ")}; there are\n${whatThereIs(checks)}`);
  return checks.filter((check) => patterns.length === 0 || patterns.some((pattern) => isMeant(check, pattern)));
}

/** Matches a lab, a row and the rows below it, an id, or a glob of ids. */
const isMeant = ({ id, row, lab }: Check, pattern: string): boolean =>
  [id, row, lab].includes(pattern) || row.startsWith(`${pattern}.`) || matchesGlob(id, pattern);

function whatThereIs(checks: readonly Check[]): string {
  const list = (values: readonly string[]) => [...new Set(values)].join(", ");
  return [
    `  labs: ${list(checks.map(({ lab }) => lab))}`,
    `  rows: ${list(checks.map(({ row }) => row))}`,
    `  ids: ${list(checks.map(({ id }) => id))}`,
  ].join("\n");
}
