import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { readScript } from "../components/host-script/scriptText.ts";
import { PROJECT } from "../toolchain/environment.ts";

/** Folders with programs that print messages. */
const FOLDERS = ["components", "stacks", "lab", "toolchain"];
/** Errors there report a defect in the page of `lab graph` to its developers. */
const FOR_DEVELOPERS = join("lab", "commands", "graph", "page", "/");

/** An error text as printed, with … for inserted values, and its file. */
export interface ErrorText {
  readonly text: string;
  readonly file: string;
}

/** All error texts in the sources. */
export function errorTexts(): ErrorText[] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  );
  const found = files.sort().flatMap((file) => {
    if (file.startsWith(FOR_DEVELOPERS)) return [];
    return textsOf(join(PROJECT, file)).map((text) => ({ text, file }));
  });
  return [...new Map(found.map((each) => [each.text, each])).values()];
}

function textsOf(path: string): string[] {
  if (path.endsWith(".ts")) return typeScriptTexts(readFileSync(path, "utf8"));
  return path.endsWith(".sh") ? scriptTexts(path) : [];
}

/** The messages of a script and of those that it includes. */
export const scriptTexts = (path: string): string[] => shellTexts(readScript(pathToFileURL(path)));

/** A text in one line, with one … for values that follow each other. */
const squeezed = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll(/…+/g, "…");

/** Constructors with a message: errors, and issues of a schema. */
const ERRORS = /^[\w.]*Error$/;
/** Functions and variables whose strings are messages. */
const MESSAGES = /([pP]roblems?|^describe|^refusal|^unknown)$/;

/** The type of the findings of `lab doctor`, which explain themselves: the page does not list them. */
const FINDINGS = /\bJudgement\b/;

/** Strings and templates that are part of an error. */
export function typeScriptTexts(source: string): string[] {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node, inside: boolean): void => {
    const message = inside ? readText(node) : readExpectation(node);
    if (message !== undefined) {
      if (isSentence(message)) found.push(squeezed(message));
      return;
    }
    ts.forEachChild(node, (child) => visit(child, speaks(node, child, inside)));
  };
  visit(file, false);
  return found;
}

/** The message of a schema with a given expectation (`expected` in stacks/words.ts). */
function readExpectation(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || node.expression.getText() !== "expected") return undefined;
  const what = node.arguments[0] && readText(node.arguments[0]);
  return what && `expected ${what}, got …`;
}

/** Whether a child contains messages: because of its parent, or because the parent is part of a message. */
function speaks(node: ts.Node, child: ts.Node, inside: boolean): boolean {
  if (ts.isNewExpression(node)) return ERRORS.test(node.expression.getText()) && child === node.arguments?.[0];
  if (ts.isCallExpression(node)) {
    if (/\.addIssue$/.test(node.expression.getText())) return child !== node.expression;
    return inside;
  }
  if (ts.isPropertyAssignment(node) && node.name.getText() === "error") return child === node.initializer;
  if (ts.isPropertyAssignment(node) && inside) return /^(problem|message|error)$/.test(node.name.getText());
  if (ts.isFunctionLike(node) && FINDINGS.test(node.type?.getText() ?? "")) return false;
  if (ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node))
    return MESSAGES.test(node.name?.getText() ?? "");
  // Compared strings are not messages.
  if (ts.isBinaryExpression(node) && /^[=!]==$/.test(node.operatorToken.getText())) return false;
  if (ts.isConditionalExpression(node) && child === node.condition) return false;
  if (ts.isIfStatement(node) && child === node.expression) return false;
  return inside;
}

/** Two words, or one between inserted values; a name or a key is not a sentence. */
const isSentence = (text: string): boolean => {
  const words = text.replaceAll("…", " ").match(/[A-Za-z]{2,}/g) ?? [];
  return words.length >= 2 || (words.length === 1 && /: …|… /.test(text));
};

/** The text of a string, a template, or a concatenation of them. */
function readText(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join("");
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [readText(node.left), readText(node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  return undefined;
}

/**
 * Messages of a script on standard error: of `refuse` and `fail`, with their prefixes, and of `echo`. Not included: `refuse`
 * in a file that others include, and functions of an included file that the script does not call.
 */
export function shellTexts(source: string): string[] {
  const subject = /^SUBJECT="(.*)"$/m.exec(source)?.[1] ?? "";
  const text = source
    .replaceAll("\\\n", "")
    .replaceAll(/^[^#\n]*"\$SUBJECT: /gm, (start) => start.replace("$SUBJECT", subject));
  const spoken = new Map<string, string>();
  const found: string[] = [];
  let within: string | undefined;
  for (const line of text.split("\n")) {
    const name = /^([a-z_]+)\(\) \{/.exec(line)?.[1];
    within = name ?? within;
    for (const { index, 0: match, 1: verb = "" } of line.matchAll(/\b(echo|refuse|fail) (?=")/g)) {
      if (within !== undefined && !isCalled(within, text)) continue;
      const { text: words, rest } = wordsAt(line, index + match.length);
      const says = within === "refuse" || within === "fail";
      if (verb !== "echo") {
        const frame = spoken.get(verb);
        if (frame !== undefined) found.push(frame.replace(PLACE, () => words.replace(PLACE, "…")));
      } else if (says && words.includes(PLACE)) spoken.set(within ?? "", words);
      else if (!says && rest.startsWith(">&2")) found.push(words.replace(PLACE, "…"));
    }
    if (line.startsWith("}") || (name !== undefined && line.endsWith("}"))) within = undefined;
  }
  return found.filter(isSentence).map(squeezed);
}

/** Whether a function is a verb, which others call, or is called in the script: by its name, or by `"PREFIX_$VARIABLE"`. */
function isCalled(name: string, source: string): boolean {
  const code = source.replaceAll(/^\s*#.*$/gm, "").replace(`${name}() {`, "");
  const prefixes = [...code.matchAll(/"([a-z]+_)\$/g)].map(([, prefix = ""]) => prefix);
  return (
    /^(check|up|down)$/.test(name) ||
    new RegExp(`\\b${name}\\b`).test(code) ||
    prefixes.some((prefix) => name.startsWith(prefix))
  );
}

/** The first argument of a function. */
const PLACE = "$1";

/** The double-quoted words from an index on, with … for expansions, and the rest of the line. */
function wordsAt(line: string, start: number): { readonly text: string; readonly rest: string } {
  const words: string[] = [];
  let at = start;
  while (line[at] === '"') {
    const end = endOf(line, at);
    words.push(filled(line.slice(at + 1, end)));
    at = end + 1;
    while (line[at] === " ") at += 1;
  }
  return { text: words.join(" "), rest: line.slice(at) };
}

/** The end of the quotation that starts at an index; a command substitution in it has its own quotations. */
function endOf(line: string, start: number): number {
  let depth = 0;
  for (let at = start + 1; at < line.length; at += 1) {
    if (line[at] === "\\") at += 1;
    else if (line.startsWith("$(", at)) depth += 1;
    else if (line[at] === ")" && depth > 0) depth -= 1;
    else if (line[at] === '"' && depth === 0) return at;
    else if (line[at] === '"') at = endOf(line, at);
  }
  return line.length;
}

function filled(words: string): string {
  let text = words;
  // From the inside out.
  while (/\$\([^()]*\)/.test(text)) text = text.replace(/\$\([^()]*\)/, "…");
  return text.replaceAll(/\$\{[^}]*\}|\$[A-Za-z_]\w*|\$(?!1)[0-9@]/g, "…");
}
