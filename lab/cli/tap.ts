import type { Result } from "../checks/verify.ts";

/** Formats results in the Test Anything Protocol, version 14 (testanything.org), with details as YAML diagnostics. */
export function resultTap(results: readonly Result[]): string {
  const lines = results.flatMap(({ check: { id, row, lab, title, kind }, passed, actual, ms }, index) => [
    `${passed ? "ok" : "not ok"} ${index + 1} - ${escaped(`${id}: ${title}`)}`,
    "  ---",
    ...Object.entries({ row, lab, kind, actual, duration_ms: ms }).map(([key, value]) => `  ${key}: ${yaml(value)}`),
    "  ...",
  ]);
  return ["TAP version 14", `1..${results.length}`, ...lines].join("\n");
}

/** Escapes text: a number sign would start a directive. */
const escaped = (text: string): string => text.replace(/[\\#]/g, "\\$&").replace(/\s+/g, " ");

/** Every JSON text is YAML (YAML 1.2, section 1.3). */
const yaml = (value: string | number): string => JSON.stringify(value);
