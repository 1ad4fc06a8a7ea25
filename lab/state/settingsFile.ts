import { existsSync, readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, visit, type YAMLMap } from "yaml";
import { PROJECT_NAME } from "../../toolchain/environment.ts";
import { LabError } from "../cli/errors.ts";
import { settingsOf } from "./environments.ts";

/** Top-level keys that Pulumi reads in a settings file (ProjectStack in pulumi's sdk/go). */
const TOP_KEYS = ["config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt"];
/** Namespaces other than this project's: settings of Pulumi and of the providers. */
const NAMESPACES = ["pulumi", "docker", "command"];

/**
 * A parsed settings file: values as Pulumi passes them, with lists and maps in JSON, and what is wrong with the file.
 */
export interface SettingsFile {
  readonly values: Readonly<Record<string, string>>;
  /** Each with file and line; if there are none, Pulumi can read the file. */
  readonly problems: readonly string[];
}

/** Reads the settings file of an environment; undefined if there is none. */
export function readSettingsFile(environment: string): SettingsFile | undefined {
  const path = settingsOf(environment);
  if (!existsSync(path)) return undefined;
  const name = `stacks/Pulumi.${environment}.yaml`;
  try {
    return parseSettingsFile(name, readFileSync(path, "utf8"));
  } catch (error) {
    return { values: {}, problems: [`${name} cannot be read: ${(error as Error).message}`] };
  }
}

/** Refuses a settings file that Pulumi cannot read, with an error that names the line. */
export function refuseBrokenSettings(environment: string): void {
  const { problems = [] } = readSettingsFile(environment) ?? {};
  if (problems.length > 0) throw new LabError(problems.join("\n"));
}

/** Parses a settings file. Without settings, or with comments only, all defaults apply. */
export function parseSettingsFile(name: string, text: string): SettingsFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: true });
  // Something unterminated is reported in the last line, not after it.
  const last = Math.max(0, text.trimEnd().length - 1);
  const place = (offset: number) => `${name}:${lines.linePos(Math.min(offset, last)).line}`;
  const at = (node: unknown) => place((node as { range?: [number] } | null)?.range?.[0] ?? 0);
  const [broken] = document.errors;
  if (broken)
    return { values: {}, problems: [`${place(broken.pos[0])}: ${syntaxProblem(broken.code, broken.message)}`] };

  const problems: string[] = [];
  visit(document, {
    Map: (_, map) => {
      problems.push(...twice(map, at));
    },
  });
  const top = document.contents;
  if (top !== null && !isEmpty(top) && !isMap(top)) {
    return { values: {}, problems: [`${at(top)}: ${mapProblem("a map with the key config", top)}`] };
  }
  const config = isMap(top) ? top.get("config", true) : undefined;
  for (const { key } of isMap(top) ? top.items : []) {
    if (!TOP_KEYS.includes(nameOf(key))) problems.push(`${at(key)}: ${topProblem(nameOf(key))}`);
  }
  if (config !== undefined && !isEmpty(config) && !isMap(config)) {
    problems.push(`${at(config)}: ${mapProblem("a map of settings below config", config)}`);
  }
  for (const { key } of isMap(config) ? config.items : []) {
    const [namespace = "", rest] = nameOf(key).split(":", 2);
    if (rest !== undefined && ![PROJECT_NAME, ...NAMESPACES].includes(namespace)) {
      problems.push(`${at(key)}: ${namespaceProblem(nameOf(key))}`);
    }
  }
  try {
    return { values: isMap(config) ? valuesOf(config.toJS(document)) : {}, problems };
  } catch (error) {
    return { values: {}, problems: [`${at(config)}: ${syntaxProblem("", (error as Error).message)}`] };
  }
}

/**
 * Returns the name of a setting of this project; a key without a namespace is one for Pulumi. Undefined for other keys.
 */
export const settingName = (key: string): string | undefined =>
  key.includes(":") ? new RegExp(`^${PROJECT_NAME}:(?:config:)?(.*)$`).exec(key)?.[1] : key;

const valuesOf = (config: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => {
      const name = settingName(key);
      // A secret has no value here; no setting is a secret.
      if (name === undefined || isSecret(value)) return [];
      return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
    }),
  );

const isSecret = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).join() === "secure";

const nameOf = (key: unknown): string => String(isScalar(key) ? key.value : key);
const isEmpty = (node: unknown): boolean => isScalar(node) && node.value === null;

/** Returns the problems of duplicate keys in a map, also with and without this project's namespace. */
function twice(map: YAMLMap, at: (node: unknown) => string): string[] {
  const first = new Map<string, Pair["key"]>();
  return map.items.flatMap(({ key }) => {
    const name = settingName(nameOf(key)) ?? nameOf(key);
    const before = first.get(name);
    first.set(name, key);
    return before === undefined ? [] : [`${at(key)}: ${doubleProblem(nameOf(key), at(before).replace(/.*:/, ""))}`];
  });
}

const doubleProblem = (key: string, line: string) => `the key ${key} is there already, in line ${line}`;
const topProblem = (key: string) => `${key} does nothing here; settings are indented below config:`;
const namespaceProblem = (key: string) => `${key}: no such setting; those of this project begin with ${PROJECT_NAME}:`;

const mapProblem = (expected: string, node: unknown) =>
  `expected ${expected}, got ${isSeq(node) ? "a list" : JSON.stringify(isScalar(node) ? node.value : node)}`;

function syntaxProblem(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab; YAML is indented by spaces";
  if (code === "MULTIPLE_DOCS") return "a second document begins; a settings file has one";
  return `this is not YAML: ${message.split("\n")[0]}`;
}
