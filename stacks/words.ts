import type * as z from "zod";

/** What a schema calls a type, in the words of a settings file. */
const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  tuple: "a list",
  object: "a map of settings",
  record: "a map of settings",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};
/** How much of a wrong value is repeated. */
const SHOWN = 60;

/** A value as a message repeats it. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** The error of a schema, as its option: what it expects, and what it got. */
export const expected = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `expected ${what}, got ${shown(input)}`,
});

/** What is wrong with a value of which the schema itself says nothing. */
export function valueProblem(issue: z.core.$ZodRawIssue): string {
  const got = shown(issue.input);
  if (issue.code === "invalid_type") return `expected ${TYPES[issue.expected] ?? issue.expected}, got ${got}`;
  if (issue.code === "invalid_value") return `expected one of ${issue.values.map(String).join(", ")}, got ${got}`;
  return `expected another value, got ${got}`;
}
