import { join } from "node:path";
import ts from "typescript";

/** What the npm package exports under one name. */
export interface PublicName {
  readonly name: string;
  readonly declarations: readonly ts.Declaration[];
}

/** The public face of a built package, read from its declarations. */
export interface PublicApi {
  readonly names: readonly PublicName[];
  readonly checker: ts.TypeChecker;
  /** Types that a public declaration names, but that the package does not export. */
  readonly missing: readonly string[];
  /** Errors of the compiler in the package's declarations. */
  readonly errors: readonly string[];
}

/** Reads the public face of a package that is built in a folder. */
export function publicApi(folder: string): PublicApi {
  const face = join(folder, "dist", "index.d.ts");
  const program = ts.createProgram([face], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(face) as ts.SourceFile);
  if (!module) throw new Error(`${face} exports nothing`);
  const symbols = checker.getExportsOfModule(module).map((symbol) => original(symbol, checker));
  const names = symbols
    .map((symbol) => ({ name: symbol.name, declarations: symbol.declarations ?? [] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

  const missing = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (isPrivate(node)) return;
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    const meant = symbol && original(symbol, checker);
    const ours = meant?.declarations?.some(
      (each) =>
        each.parent !== undefined && // a module has none
        ts.isSourceFile(statementOf(each).parent) &&
        each.getSourceFile().fileName.startsWith(join(folder, "dist")),
    );
    if (meant && ours && !symbols.includes(meant)) missing.add(meant.name);
    ts.forEachChild(node, visit);
  };
  for (const { declarations } of names) declarations.forEach(visit);
  const errors = program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(join(folder, "dist")))
    .flatMap((file) => program.getSemanticDiagnostics(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  return { names, checker, missing: [...missing].sort(), errors };
}

/** The public declarations without comments, in the order of their names. */
export function apiReport({ names }: PublicApi): string {
  const printer = ts.createPrinter({ removeComments: true });
  const texts = names.flatMap(({ declarations }) =>
    declarations.map((each) =>
      printer.printNode(ts.EmitHint.Unspecified, withoutPrivate(statementOf(each)), each.getSourceFile()),
    ),
  );
  return `${texts.join("\n\n")}\n`;
}

const original = (symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** The statement of a declaration: of a variable's, the whole line. */
const statementOf = (declaration: ts.Declaration): ts.Node =>
  ts.isVariableDeclaration(declaration) && ts.isVariableDeclarationList(declaration.parent)
    ? declaration.parent.parent
    : declaration;

export const isPrivate = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) ?? false);

function withoutPrivate(node: ts.Node): ts.Node {
  if (!ts.isClassDeclaration(node)) return node;
  const { modifiers, name, typeParameters, heritageClauses, members } = node;
  const open = members.filter((member) => !isPrivate(member));
  return ts.factory.updateClassDeclaration(node, modifiers, name, typeParameters, heritageClauses, open);
}

/** A member of an interface or a class, as its comment describes it. */
export interface PublicMember {
  readonly name: string;
  readonly type: string;
  readonly meaning: string;
  /** The value of an optional member; undefined if it is required. */
  readonly byDefault: string | undefined;
}

/** An interface, class, alias or function of the public face, as its comment describes it. */
export interface PublicItem {
  readonly name: string;
  readonly text: string;
  readonly members: readonly PublicMember[];
  /** What an alias or a function is; empty for others. */
  readonly type: string;
}

/** A component: a public class. */
export interface PublicComponent extends PublicItem {
  readonly example: string;
  /** Name of the type of its arguments. */
  readonly argsType: string;
}

/** The components, in the order of their names. */
export const componentsOf = ({ names, checker }: PublicApi): PublicComponent[] =>
  names.flatMap(({ declarations }) =>
    declarations.filter(ts.isClassDeclaration).map((each) => {
      const [, args] = each.members.find(ts.isConstructorDeclaration)?.parameters ?? [];
      const example = ts.getJSDocTags(each).find(({ tagName }) => tagName.text === "example");
      return {
        ...itemOf(each, checker),
        example: commentText(example?.comment).replace(/^```ts\n|\n```$/g, ""),
        argsType: args?.type?.getText() ?? "",
      };
    }),
  );

/** The public names that are not components. */
export const typesOf = ({ names, checker }: PublicApi): PublicItem[] =>
  names.flatMap(({ declarations }) =>
    declarations.filter((each) => !ts.isClassDeclaration(each)).map((each) => itemOf(each, checker)),
  );

function itemOf(declaration: ts.Declaration, checker: ts.TypeChecker): PublicItem {
  const symbol = checker.getSymbolAtLocation(ts.getNameOfDeclaration(declaration) as ts.Node);
  const [comment] = ts.getJSDocCommentsAndTags(declaration).filter(ts.isJSDoc);
  const own = ts.isClassDeclaration(declaration)
    ? declaration.members.filter(ts.isPropertyDeclaration).filter((each) => !isPrivate(each))
    : ts.isInterfaceDeclaration(declaration)
      ? checker
          .getPropertiesOfType(checker.getTypeAtLocation(declaration))
          .flatMap(({ declarations = [] }) => declarations[0] ?? [])
      : [];
  const type =
    ts.isTypeAliasDeclaration(declaration) || ts.isVariableDeclaration(declaration)
      ? (declaration.type?.getText() ?? "")
      : "";
  return {
    name: symbol?.name ?? "",
    text: commentText(comment?.comment),
    members: own.filter((each) => ts.isPropertySignature(each) || ts.isPropertyDeclaration(each)).map(memberOf),
    type,
  };
}

export function memberOf(member: ts.PropertySignature | ts.PropertyDeclaration): PublicMember {
  const [comment] = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
  const byDefault = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
  return {
    name: member.name.getText(),
    type: member.type?.getText() ?? "",
    meaning: commentText(comment?.comment),
    byDefault: member.questionToken && (byDefault ? commentText(byDefault.comment) : "none"),
  };
}

export const commentText = (comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string =>
  (ts.getTextOfJSDocComment(comment) ?? "").replaceAll(/\{@link ([\w.]+)\}/g, "`$1`").trim();
