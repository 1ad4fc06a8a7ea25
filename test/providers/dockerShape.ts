import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const SDK = fileURLToPath(new URL("../../node_modules/@pulumi/docker", import.meta.url));

interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
}
type Properties = Readonly<Record<string, Property>>;

interface ObjectSpec {
  readonly properties: Properties;
  readonly required?: readonly string[];
}

export interface Schema {
  readonly name: string;
  readonly version: string;
  readonly provider: { readonly inputProperties: Properties };
  readonly types: Readonly<Record<string, ObjectSpec>>;
  readonly resources: Readonly<
    Record<string, ObjectSpec & { readonly inputProperties: Properties; readonly requiredInputs?: readonly string[] }>
  >;
  readonly functions: Readonly<Record<string, { readonly inputs: ObjectSpec; readonly outputs: ObjectSpec }>>;
}

/** Type of each property by its path, including nested values: `ports[].internal` is `number`. */
type Shape = ReadonlyMap<string, { readonly type: string; readonly optional: boolean }>;

/** Fails unless the SDK has each property with the same type, and, if compared, the same optionality. */
export function conforms(ours: Shape, theirs: Shape, comparesOptional: (key: string) => boolean = () => true): void {
  const compared = (shape: Shape) =>
    [...shape]
      .filter(([key]) => ours.has(key))
      .map(([key, { type, optional }]) => `${key}${optional && comparesOptional(key) ? "?" : ""}: ${type}`)
      .sort();
  assert.notEqual(ours.size, 0);
  assert.deepEqual(compared(ours), compared(theirs));
}

/** The provider's schema. */
export function specified(schema: Schema, properties: Properties = {}, required: readonly string[] = []): Shape {
  const shape = new Map<string, { type: string; optional: boolean }>();
  for (const [name, property] of Object.entries(properties)) {
    const { type, nested } = specifiedType(property);
    shape.set(name, { type, optional: !required.includes(name) });
    const inner = nested && schema.types[nested];
    for (const [key, value] of inner ? specified(schema, inner.properties, inner.required) : []) {
      shape.set(`${name}${type.endsWith("[]") ? "[]" : ""}.${key}`, value);
    }
  }
  return shape;
}

function specifiedType({ type = "", $ref, items, additionalProperties }: Property): { type: string; nested?: string } {
  if ($ref) return { type: "object", nested: $ref.replace("#/types/", "") };
  if (items) {
    const element = specifiedType(items);
    return { ...element, type: `${element.type}[]` };
  }
  if (additionalProperties) return { type: `{${specifiedType(additionalProperties).type}}` };
  return { type: type === "integer" ? "number" : type };
}

/** An interface or class of the SDK; the types of nested values are in another file. */
export function declared(file: string, name: string, nestedFile: string): Shape {
  const source = ts.createSourceFile(file, readFileSync(join(SDK, file), "utf8"), ts.ScriptTarget.Latest, true);
  const shape = new Map<string, { type: string; optional: boolean }>();
  const visit = (node: ts.Node): void => {
    const here = (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) && node.name?.text === name;
    for (const member of here ? node.members : []) {
      if (!(ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) || !member.type) continue;
      const property = member.name.getText();
      const { type, nested, optional } = declaredType(member.type);
      shape.set(property, { type, optional: optional || member.questionToken !== undefined });
      for (const [key, value] of nested ? declared(nestedFile, nested, nestedFile) : []) {
        shape.set(`${property}${type.endsWith("[]") ? "[]" : ""}.${key}`, value);
      }
    }
    node.forEachChild(visit);
  };
  visit(source);
  assert.notEqual(shape.size, 0, `${name} is not in ${file}`);
  return shape;
}

function declaredType(node: ts.TypeNode): { type: string; nested?: string; optional?: boolean } {
  if (ts.isUnionTypeNode(node)) {
    const [value] = node.types.filter((each) => each.getText() !== "undefined");
    if (value) return { ...declaredType(value), optional: true };
  }
  if (ts.isArrayTypeNode(node)) {
    const element = declaredType(node.elementType);
    return { ...element, type: `${element.type}[]`, optional: false };
  }
  if (ts.isTypeLiteralNode(node)) {
    const [index] = node.members;
    if (index && ts.isIndexSignatureDeclaration(index)) return { type: `{${declaredType(index.type).type}}` };
  }
  if (ts.isTypeReferenceNode(node)) {
    const [wrapped] = node.typeArguments ?? []; // Input, Output
    return wrapped
      ? declaredType(wrapped)
      : { type: "object", nested: node.typeName.getText().split(".").at(-1) ?? "" };
  }
  return { type: node.getText() };
}
