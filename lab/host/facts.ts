import { assignments, readScript } from "../../components/host-script/scriptText.ts";

/** Lines `KEY VALUE`, as scripts print what they have found. */
export interface Facts {
  /** The first value of a key; undefined without one. */
  readonly get: (key: string) => string | undefined;
  /** All values of a key. */
  readonly all: (key: string) => readonly string[];
}

export function readFacts(text: string): Facts {
  const values = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, key, value] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, [...(values.get(key) ?? []), value]);
  }
  return { get: (key) => values.get(key)?.[0], all: (key) => values.get(key) ?? [] };
}

/** One verb of a script, as a part of what is sent to a shell. */
export interface Part {
  readonly script: URL;
  /** The variables that the verb takes, as the head of the script describes them. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The verb and its arguments, with what its output is piped to. */
  readonly call: string;
}

/** Parts as one script for `sh -s`. They share no function or variable, and no part stops another one. */
export const shellScript = (parts: readonly Part[]): string =>
  ["LC_ALL=C", "export LC_ALL", ...parts.map(inSubshell), ""].join("\n");

// A shell reads all of a subshell before it runs it, so no command in it can swallow the rest of the input.
const inSubshell = ({ script, variables = {}, call }: Part): string =>
  ["(", "set -u", assignments(variables), readScript(script), call, ") </dev/null"].join("\n");

const SCRIPT = new URL("facts.sh", import.meta.url);
/** The look at a machine and its engine; {@link readFacts} reads what it prints. */
export const MACHINE_PART: Part = { script: SCRIPT, call: "facts" };
/** The look at the images that the engine of a machine has; its facts are `image`. */
export const IMAGES_PART: Part = { script: SCRIPT, call: "images" };
/** The look at its engine alone. */
export const ENGINE_PART: Part = { script: SCRIPT, call: "engine" };
