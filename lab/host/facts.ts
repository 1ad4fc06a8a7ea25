import { readFileSync } from "node:fs";
import { quote } from "../../components/lib/quote.ts";

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

/** A script that prints facts: its functions, with their variables, and the call of one of them. */
export interface FactScript {
  readonly script: URL;
  /** A second script, which calls functions of the first. */
  readonly caller?: URL;
  readonly variables?: Readonly<Record<string, string>>;
  readonly call: string;
}

/** Several as one script for `sh -s`. They share no function or variable, and none stops another one. */
export const shellScript = (scripts: readonly FactScript[]): string =>
  ["LC_ALL=C", "export LC_ALL", ...scripts.map(inSubshell), ""].join("\n");

const inSubshell = ({ script, caller, variables = {}, call }: FactScript): string => {
  const lines = Object.entries(variables).map(([key, value]) => `${key}=${quote(value)}`);
  const scripts = [script, ...(caller ? [caller] : [])].map((url) => readFileSync(url, "utf8"));
  // A shell has read all of a subshell before it runs it, so that no command in it can swallow the rest of the input.
  return ["(", "set -u", ...lines, ...scripts, call, ") </dev/null"].join("\n");
};

const SCRIPT = new URL("facts.sh", import.meta.url);
/** The look at a host and its engine; {@link readFacts} reads what it prints. */
export const HOST_FACTS: FactScript = { script: SCRIPT, call: "facts" };
/** The look at the images that the engine of a host has; its facts are `image`. */
export const IMAGE_FACTS: FactScript = { script: SCRIPT, call: "images" };
/** The look at its engine alone. */
export const ENGINE_FACTS: FactScript = { script: SCRIPT, call: "engine" };
