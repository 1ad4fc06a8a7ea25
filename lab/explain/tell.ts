import { table } from "../table.ts";
import type { Fault } from "./scene.ts";

/** Faults as rows: each what is wrong, and below it what mends it. */
export const faultRows = (faults: readonly Fault[]): string[][] =>
  faults.length === 0
    ? [["wrong", "nothing that can be seen from here"]]
    : faults.flatMap(({ says, mend }) => [["wrong", says], ...(mend === undefined ? [] : [["mend", mend]])]);

/** A path from top to bottom, each hop with what it is. */
export const picture = (hops: readonly (readonly string[])[]): string =>
  table(hops.map(([name = "", what = ""]) => [`  ${name}`, what]))
    .split("\n")
    .flatMap((line, index) => (index === 0 ? [line] : ["    |", line]))
    .join("\n");

/** Sections with an empty line between them; those without content are left out. */
export const sections = (...all: readonly string[]): string => all.filter((each) => each !== "").join("\n\n");
