import { assignments, readScript } from "../../components/host-script/scriptText.ts";
import type { Needs } from "../../stacks/labs/describe.ts";
import { describedLab, LAB_NAMES } from "../../stacks/labs/index.ts";

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

/** One verb of a script that prints facts. */
export interface FactScript {
  readonly script: URL;
  /** The variables that the verb takes, as the head of the script describes them. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The verb and its arguments, with what its output is piped to. */
  readonly call: string;
}

/**
 * Several as one script for `sh -s`. They share no function or variable but SLOWNESS, the factor of their time limits on a slow
 * host, and none stops another one.
 */
export const shellScript = (scripts: readonly FactScript[], slowness = 1): string =>
  ["LC_ALL=C", "export LC_ALL", `SLOWNESS=${Math.ceil(slowness)}`, ...scripts.map(inSubshell), ""].join("\n");

// A shell reads all of a subshell before it runs it, so no command in it can swallow the rest of the input.
const inSubshell = ({ script, variables = {}, call }: FactScript): string =>
  ["(", "set -u", assignments(variables), readScript(script), call, ") </dev/null"].join("\n");

const modulesAskedOf = ({ modules, without = {} }: Needs) => [...modules, ...Object.keys(without)];

const SCRIPT = new URL("facts.sh", import.meta.url);
const MODULES = [...new Set(LAB_NAMES.flatMap((lab) => modulesAskedOf(describedLab(lab).needs)))].join(" ");
/** The look at a host, its engine and the kernel modules of all labs; {@link readFacts} reads what it prints. */
export const HOST_FACTS: FactScript = { script: SCRIPT, variables: { MODULES }, call: "facts" };
/** The look at the images that the engine of a host has; its facts are `image`. */
export const IMAGE_FACTS: FactScript = { script: SCRIPT, call: "images" };
/** The look at its engine alone. */
export const ENGINE_FACTS: FactScript = { script: SCRIPT, call: "engine" };
