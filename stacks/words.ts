import type * as z from "zod";

/** Types of a schema, as messages call them. */
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
/** Maximum length of a wrong value in a message, in characters. */
const SHOWN = 60;

/** A value as shown in a message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** The error option of a schema: what it expects, and the actual value. */
export const expected = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `expected ${what}, got ${shown(input)}`,
});

/** What is wrong with a value if its schema has no message. */
export function valueProblem(issue: z.core.$ZodRawIssue): string {
  const got = shown(issue.input);
  if (issue.code === "invalid_type") return `expected ${TYPES[issue.expected] ?? issue.expected}, got ${got}`;
  if (issue.code === "invalid_value") return `expected one of ${issue.values.map(String).join(", ")}, got ${got}`;
  return `expected another value, got ${got}`;
}
