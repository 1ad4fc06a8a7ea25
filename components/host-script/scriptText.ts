import { readFileSync } from "node:fs";
import { quote } from "../lib/quote.ts";

/** A line that includes another file, with the preceding shellcheck directive for its path. */
const INCLUDE = /^(?:# shellcheck source=\S+\n)?\. (\.{1,2}\/\S+)$/gm;
/** The first line of every file; the including script has it already. */
const SHELL = /^# shellcheck shell=sh\n/;

/**
 * The text of a .sh file. Each line `. ./FILE` is replaced with that file; its path is relative to the including file.
 */
export const readScript = (script: URL): string =>
  readFileSync(script, "utf8").replaceAll(INCLUDE, (_, path: string) =>
    readScript(new URL(path, script)).replace(SHELL, "").trimEnd(),
  );

/** An empty line or a comment; or a whole here-document, whose lines are not comments. */
const COMMENT = /<<'?(\w+)'?.*\n[\s\S]*?^\1$|^[ \t]*(#.*)?\n/gm;

const VERBS = readScript(new URL("verbs.sh", import.meta.url));

/**
 * A script that defines `check`, `up` and `down`, plus the code that runs one of them (verbs.sh), without comments and
 * empty lines: each command stores the text twice in the state, which is written at every step of an `up`.
 */
export const withVerbs = (script: string): string =>
  `${script}\n${VERBS}`.replaceAll(COMMENT, (text) => (text.startsWith("<<") ? text : ""));

/** Variables as sh assignments, sorted by name. */
export const assignments = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join("\n");
