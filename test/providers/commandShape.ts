import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const SDK = fileURLToPath(new URL("../../node_modules/@pulumi/command", import.meta.url));

interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly default?: unknown;
  readonly secret?: boolean;
  readonly replaceOnChanges?: boolean;
}
type Properties = Readonly<Record<string, Property>>;
interface ObjectSpec {
  readonly properties: Properties;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: string }[];
}
export interface Schema {
  readonly name: string;
  readonly version: string;
  readonly types: Readonly<Record<string, ObjectSpec>>;
  readonly resources: Readonly<
    Record<string, ObjectSpec & { readonly inputProperties: Properties; readonly requiredInputs?: readonly string[] }>
  >;
  readonly functions: Readonly<Record<string, { readonly inputs: ObjectSpec; readonly outputs: ObjectSpec }>>;
}

/** Properties as `name` or `name?` and the type, sorted by name: the form in which schema and SDK are compared. */
type Shape = readonly (readonly [name: string, type: string])[];

const sorted = (shape: [string, string][]): Shape => shape.sort(([a], [b]) => (a < b ? -1 : 1));

/** The provider's schema. */
export function specified(properties: Properties = {}, required: readonly string[] = []): Shape {
  const entries = Object.entries(properties);
  return sorted(
    entries.map(([name, property]) => [required.includes(name) ? name : `${name}?`, specifiedType(property)]),
  );
}

function specifiedType({ type, $ref, items, additionalProperties }: Property): string {
  switch ($ref ?? type) {
    case "integer":
      return "number";
    case "array":
      return `${items && specifiedType(items)}[]`;
    case "object":
      return `{${additionalProperties && specifiedType(additionalProperties)}}`;
    case "pulumi.json#/Any":
      return "any";
    case "pulumi.json#/Archive":
      return "Archive";
    case "pulumi.json#/Asset": // the SDKs accept and return an archive there too
      return "Asset | Archive";
    default:
      return ($ref ?? type ?? "").split(":").at(-1) ?? "";
  }
}

/** An interface or class of the SDK. */
export function declared(file: string, name: string): Shape {
  const source = ts.createSourceFile(file, readFileSync(join(SDK, file), "utf8"), ts.ScriptTarget.Latest, true);
  const shape: [string, string][] = [];
  const visit = (node: ts.Node): void => {
    const here = (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) && node.name?.text === name;
    for (const member of here ? node.members : []) {
      const isProperty = ts.isPropertySignature(member) || ts.isPropertyDeclaration(member);
      if (!isProperty || !member.type) continue;
      const type = declaredType(member.type);
      const optional = member.questionToken !== undefined || type.endsWith(" | undefined");
      shape.push([`${member.name.getText()}${optional ? "?" : ""}`, type.replace(" | undefined", "")]);
    }
    node.forEachChild(visit);
  };
  visit(source);
  assert.notEqual(shape.length, 0, `${name} is not in ${file}`);
  return sorted(shape);
}

function declaredType(node: ts.TypeNode): string {
  if (ts.isArrayTypeNode(node)) return `${declaredType(node.elementType)}[]`;
  if (ts.isUnionTypeNode(node)) return node.types.map(declaredType).join(" | ");
  if (ts.isTypeLiteralNode(node)) {
    const [index] = node.members;
    return `{${index && ts.isIndexSignatureDeclaration(index) ? declaredType(index.type) : node.getText()}}`;
  }
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.getText().split(".").at(-1) ?? "";
    const [wrapped] = node.typeArguments ?? [];
    return wrapped && ["Input", "Output"].includes(name) ? declaredType(wrapped) : name.replace(/Args$/, "");
  }
  return node.getText();
}
