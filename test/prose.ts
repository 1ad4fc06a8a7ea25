import ts from "typescript";
import { shellTexts } from "./texts.ts";

/** A piece of text written for people, and the line of the file on which it starts. */
export interface Prose {
  readonly text: string;
  readonly line: number;
}

/**
 * The text for people in a file: the prose of Markdown; comments and strings of TypeScript, in tests only comments and
 * titles; comments of Dockerfiles; comments and messages of shell scripts.
 */
export function proseOf(file: string, source: string): Prose[] {
  if (file.endsWith(".md")) return markdownProse(source);
  if (file.endsWith(".ts")) return typeScriptProse(source, file.startsWith("test/"));
  const comments = source.split("\n").flatMap((line, index) => {
    const [text] = /(?<=^|\s)#.*/.exec(line) ?? [];
    return text === undefined ? [] : [{ text, line: index + 1 }];
  });
  return file.endsWith(".sh") ? [...comments, ...shellTexts(source).map((text) => ({ text, line: 0 }))] : comments;
}

function markdownProse(source: string): Prose[] {
  let fence: string | undefined;
  return source.split("\n").flatMap((text, index) => {
    const [, opened] = /^```(\w*)/.exec(text) ?? [];
    if (opened !== undefined) fence = fence === undefined ? opened : undefined;
    return fence === "console" ? [] : [{ text: text.replace(/`[^`]*`/g, ""), line: index + 1 }];
  });
}

const TITLED = /^(describe|it)\b/;

function typeScriptProse(source: string, isTest: boolean): Prose[] {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);
  const found = new Map<number, Prose>();
  const add = (start: number, end: number) => {
    const text = source.slice(start, end);
    found.set(start, { text, line: file.getLineAndCharacterOfPosition(start).line + 1 });
  };
  const visit = (node: ts.Node): void => {
    for (const range of [
      ...(ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source, node.getEnd()) ?? []),
    ]) {
      add(range.pos, range.end);
    }
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (isText && (!isTest || isTitle(node))) add(node.getStart(), node.getEnd());
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  return [...found.values()].sort((a, b) => a.line - b.line);
}

/** Whether a string, or a part of a template, is the first argument of `describe` or `it`. */
function isTitle(node: ts.Node): boolean {
  const text = ts.isStringLiteralLike(node) ? node : ts.findAncestor(node, ts.isTemplateExpression);
  const call = text?.parent;
  return (
    call !== undefined &&
    ts.isCallExpression(call) &&
    TITLED.test(call.expression.getText()) &&
    call.arguments[0] === text
  );
}
