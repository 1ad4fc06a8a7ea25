import { table } from "../../cli/table.ts";
import type { Finding, Level } from "./finding.ts";

const ORDER: readonly Level[] = ["problem", "warning", "skipped", "ok"];

/** Formats findings for people, worst first; `all` includes passed ones. */
export function report(findings: readonly Finding[], all = false): string {
  const shown = ORDER.slice(0, all ? ORDER.length : -1).flatMap((level) =>
    findings.filter((each) => each.level === level),
  );
  const rows = shown.flatMap(({ level, on, what, why, fix }) => {
    const [first = "", ...rest] = what.split("\n");
    const more = [
      ...rest.map((line) => line.trim()),
      ...(why ? [`Reason: ${why}`] : []),
      ...(fix ? [`Fix: ${fix}`] : []),
    ];
    return [[level === "problem" ? "PROBLEM" : level, on, first], ...more.map((line) => ["", "", `  ${line}`])];
  });
  const count = (level: Level) => findings.filter((each) => each.level === level).length;
  const counted = (level: Level) => `${count(level)} ${level}${count(level) === 1 ? "" : "s"}`;
  const tally = `${counted("problem")}, ${counted("warning")}, ${count("skipped")} skipped, ${count("ok")} ok`;
  return [...(rows.length > 0 ? [table(rows), ""] : []), tally].join("\n");
}

export const hasProblem = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === "problem");
