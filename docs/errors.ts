import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { scriptTexts, typeScriptTexts } from "../test/texts.ts";
import { PROJECT } from "../toolchain/environment.ts";

const COMPONENTS = join(PROJECT, "components");
const PAGE = join(PROJECT, "docs", "troubleshooting.md");
/** Its errors are those of all scripts: a page links to them. */
const HOST_SCRIPT = join(COMPONENTS, "host-script", "HostScript.ts");

/** A row of docs/troubleshooting.md. */
export interface ErrorRow {
  /** The text as printed, with … for inserted values. */
  readonly text: string;
  readonly meaning: string;
  readonly fix: string;
}

/** What a component can refuse or report, apart from the errors of the providers. */
export interface ComponentErrors {
  readonly rows: readonly ErrorRow[];
  /** Whether it runs scripts on a host. */
  readonly runsScripts: boolean;
}

/** The rows of docs/troubleshooting.md, in its order. */
export const errorRows = (): ErrorRow[] =>
  readFileSync(PAGE, "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, text, meaning = "", fix = ""] = /^\| `(.*?)` +\| (.+) \| (.+) \|$/.exec(line) ?? [];
      return text === undefined ? [] : [{ text: text.replaceAll("\\|", "|"), meaning, fix }];
    });

/**
 * The errors of a component: of its file, of the functions that it uses, and of its scripts. Other public components that
 * it is built from have pages of their own.
 */
export function componentErrors(name: string, others: readonly string[]): ComponentErrors {
  const [file = ""] = globSync(`**/${name}.ts`, { cwd: COMPONENTS });
  const reached = new Map<string, Set<ts.Statement>>();
  const foreign = new Set(others.filter((other) => other !== name));
  for (const statement of statementsOf(join(COMPONENTS, file)))
    reach(join(COMPONENTS, file), statement, reached, foreign);
  const texts = [...reached].flatMap(([path, statements]) =>
    [...statements].flatMap((statement) => {
      const code = statement.getText();
      const scripts = [...code.matchAll(/new URL\("([^"]+\.sh)", import\.meta\.url\)/g)];
      return [
        ...typeScriptTexts(code),
        ...scripts.flatMap(([, script = ""]) => scriptTexts(join(dirname(path), script))),
      ];
    }),
  );
  const rows = errorRows().filter(({ text }) => texts.includes(text));
  return { rows, runsScripts: name === "HostScript" || [...reached.keys()].some((path) => imports(path, HOST_SCRIPT)) };
}

const parsed = new Map<string, ts.SourceFile>();
function sourceOf(path: string): ts.SourceFile {
  const known = parsed.get(path);
  if (known) return known;
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  parsed.set(path, source);
  return source;
}

const statementsOf = (path: string): readonly ts.Statement[] =>
  sourceOf(path).statements.filter((each) => !ts.isImportDeclaration(each));

/** The names that a file imports as values from files of this folder, with these files. */
function importsOf(path: string): Map<string, string> {
  const pairs = sourceOf(path).statements.flatMap((each) => {
    if (!ts.isImportDeclaration(each) || !ts.isStringLiteral(each.moduleSpecifier)) return [];
    const bindings = each.importClause?.namedBindings;
    if (!each.moduleSpecifier.text.startsWith(".") || !bindings || !ts.isNamedImports(bindings)) return [];
    const from = join(dirname(path), each.moduleSpecifier.text);
    return bindings.elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => [name.text, from] as const);
  });
  return new Map(pairs);
}

const imports = (path: string, other: string): boolean => [...importsOf(path).values()].includes(other);

/** The statement of a file that declares a name. */
const declaring = (path: string, name: string): ts.Statement | undefined =>
  statementsOf(path).find((each) =>
    ts.isVariableStatement(each)
      ? each.declarationList.declarations.some((declaration) => declaration.name.getText() === name)
      : (ts.isFunctionDeclaration(each) || ts.isClassDeclaration(each)) && each.name?.text === name,
  );

/** Adds a statement, and those that declare what it uses. */
function reach(
  path: string,
  statement: ts.Statement,
  reached: Map<string, Set<ts.Statement>>,
  foreign: ReadonlySet<string>,
): void {
  const known = reached.get(path) ?? new Set();
  if (known.has(statement)) return;
  reached.set(path, known.add(statement));
  const imported = importsOf(path);
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !foreign.has(node.text)) {
      const from = imported.get(node.text) ?? path;
      const declaration = from === HOST_SCRIPT && path !== HOST_SCRIPT ? undefined : declaring(from, node.text);
      if (declaration) reach(from, declaration, reached, foreign);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(statement, visit);
}
