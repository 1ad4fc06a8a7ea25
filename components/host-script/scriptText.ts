import { readFileSync } from "node:fs";
import { quote } from "../lib/quote.ts";

/** A line of a script that includes another file, and the directive before it that tells shellcheck which one. */
const INCLUDE = /^(?:# shellcheck source=\S+\n)?\. (\.{1,2}\/\S+)$/gm;
/** The first line of every file, which the including script has already. */
const SHELL = /^# shellcheck shell=sh\n/;

/** The text of a .sh file. Each line `. ./FILE` is replaced by that file, whose path is relative to the including one. */
export const readScript = (script: URL): string =>
  readFileSync(script, "utf8").replaceAll(INCLUDE, (_, path: string) =>
    readScript(new URL(path, script)).replace(SHELL, "").trimEnd(),
  );

/** A line that is a comment or empty; or a here-document, in which no line is. */
const COMMENT = /<<'?(\w+)'?.*\n[\s\S]*?^\1$|^[ \t]*(#.*)?\n/gm;

const VERBS = readScript(new URL("verbs.sh", import.meta.url));

/**
 * A script that defines `check`, `up` and `down`, followed by what runs one of them (verbs.sh), without comments and empty
 * lines: each command keeps the text twice in the state, which is written at every step of an `up`.
 */
export const withVerbs = (script: string): string =>
  `${script}\n${VERBS}`.replaceAll(COMMENT, (text) => (text.startsWith("<<") ? text : ""));

/** Variables as lines of sh, sorted by name. */
export const assignments = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${quote(value)}`)
    .join("\n");
