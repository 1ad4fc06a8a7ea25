import { table } from "../../cli/table.ts";
import { distinct, type Fault } from "../../faults/context.ts";

/** What is told of an object. */
export interface Explanation {
  readonly text: string;
  /** What is wrong, for programs. */
  readonly faults: readonly Fault[];
  /** The command's exit code: 0 when nothing is wrong, 1 when something is, 2 when it could not be looked at. */
  readonly code: 0 | 1 | 2;
}

/** Sections of text, and what the faults that they tell of mean for the exit code. */
export const explanation = (faults: readonly Fault[], ...parts: readonly string[]): Explanation => ({
  text: sections(...parts),
  faults,
  code: faults.some(({ unseen }) => unseen) ? 2 : faults.length > 0 ? 1 : 0,
});

/** Several explanations as one. */
export const together = (all: readonly Explanation[]): Explanation => ({
  text: sections(...all.map(({ text }) => text)),
  faults: distinct(all.flatMap(({ faults }) => faults)),
  code: all.reduce<Explanation["code"]>((worst, { code }) => (code > worst ? code : worst), 0),
});

/** It as JSON: the faults, each with the command that fixes it, and the text for people. */
export const explanationJson = ({ text, faults, code }: Explanation): string =>
  JSON.stringify({ faults: faults.map(({ title, fix }) => ({ title, fix })), code, text }, undefined, 2);

/** Faults as rows, each with its fix below it; `label` says what they are. */
export const faultRows = (faults: readonly Fault[], label: "fault" | "cause" = "fault"): string[][] =>
  faults.length === 0
    ? [[label, "none found"]]
    : faults.flatMap(({ title, fix }) => [[label, title], ...(fix === undefined ? [] : [["fix", fix]])]);

/** Rows of a label and its value: `Fix:  docker start web`. */
export const labelled = (rows: readonly (readonly string[])[]): string =>
  table(rows.map(([label = "", ...values]) => [`${label.charAt(0).toUpperCase()}${label.slice(1)}:`, ...values]));

/** A path from top to bottom, each hop with what it is. */
export const picture = (hops: readonly (readonly string[])[]): string =>
  table(hops.map(([name = "", what = ""]) => [`  ${name}`, what]))
    .split("\n")
    .flatMap((line, index) => (index === 0 ? [line] : ["    |", line]))
    .join("\n");

/** Sections with an empty line between them; those without content are left out. */
export const sections = (...all: readonly string[]): string => all.filter((each) => each !== "").join("\n\n");
