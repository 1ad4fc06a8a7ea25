import { table } from "../../cli/table.ts";
import { distinct, type Fault } from "../../faults/context.ts";

/** The explanation of an object. */
export interface Explanation {
  readonly text: string;
  /** Faults, for programs. */
  readonly faults: readonly Fault[];
  /** Exit code of the command: 0 no fault found, 1 a fault was found, 2 the object could not be inspected. */
  readonly code: 0 | 1 | 2;
}

/** Joins sections of text, and derives the exit code from their faults. */
export const explanation = (faults: readonly Fault[], ...parts: readonly string[]): Explanation => ({
  text: sections(...parts),
  faults,
  code: faults.some(({ unseen }) => unseen) ? 2 : faults.length > 0 ? 1 : 0,
});

/** Merges explanations into one. */
export const together = (all: readonly Explanation[]): Explanation => ({
  text: sections(...all.map(({ text }) => text)),
  faults: distinct(all.flatMap(({ faults }) => faults)),
  code: all.reduce<Explanation["code"]>((worst, { code }) => (code > worst ? code : worst), 0),
});

/** Formats it as JSON: the faults with their fixes, and the text for people. */
export const explanationJson = ({ text, faults, code }: Explanation): string =>
  JSON.stringify({ faults: faults.map(({ title, fix }) => ({ title, fix })), code, text }, undefined, 2);

/** Faults as rows, each with its fix below it; `label` is the label of the fault rows. */
export const faultRows = (faults: readonly Fault[], label: "fault" | "cause" = "fault"): string[][] =>
  faults.length === 0
    ? [[label, "none found"]]
    : faults.flatMap(({ title, fix }) => [[label, title], ...(fix === undefined ? [] : [["fix", fix]])]);

/** Formats rows of a label and its value: `Fix:  docker start web`. */
export const labelled = (rows: readonly (readonly string[])[]): string =>
  table(rows.map(([label = "", ...values]) => [`${label.charAt(0).toUpperCase()}${label.slice(1)}:`, ...values]));

/** Formats a path from top to bottom, each hop with its description. */
export const picture = (hops: readonly (readonly string[])[]): string =>
  table(hops.map(([name = "", what = ""]) => [`  ${name}`, what]))
    .split("\n")
    .flatMap((line, index) => (index === 0 ? [line] : ["    |", line]))
    .join("\n");

/** Joins sections with an empty line between them; leaves out empty ones. */
export const sections = (...all: readonly string[]): string => all.filter((each) => each !== "").join("\n\n");
