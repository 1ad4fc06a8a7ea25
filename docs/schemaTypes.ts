import ts from "typescript";
import { commentText, isPrivate, memberOf } from "./api.ts";

/** A property in Pulumi's package schema. */
export type Property = Readonly<Record<string, unknown>>;

/** The properties of an object type, with the names of those that are required. */
export interface Fields {
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
}

export const token = (name: string): string => `dockernet:index:${name}`;

/** Fields that a program in another language cannot have: resources of the Node.js program. */
const WITHOUT: Readonly<Record<string, readonly string[]>> = { Host: ["resource", "storage"] };
/** Fields that take the place of a value or a function of the Node.js program. */
const INSTEAD: Readonly<Record<string, Readonly<Record<string, Property>>>> = {
  Host: {
    // Not a list of values: Pulumi's YAML refuses an output with one as an argument of the same type.
    kind: {
      type: "string",
      plain: true,
      description: "Selects the variant: `local` for the host that runs Pulumi, `ssh` for a host reached over SSH.",
    },
    node: {
      type: "string",
      plain: true,
      description:
        "The practice node that is the host, as the outputs `host` and `userHost` of `PracticeNode` name it.",
    },
  },
  ServiceImageSource: {
    packaged: {
      type: "string",
      plain: true,
      description:
        "An image that no registry serves, instead of `repository` and `context`: `web` for `HitCounter`, `box` for `OutsideHost`, `node` for `PracticeNode`. Its `base` is by default Debian's official image.",
    },
  },
};
/** Fields that are encrypted in the state. */
const SECRET = /^(content|password|privateKey|privateKeyPassword)$/;
/** The type of hosts. An output is accepted for it, because practice nodes have their hosts as outputs. */
const HOST = { $ref: `#/types/${token("Host")}` };

/** Translates the types of declarations, and collects the object types and the lists of values that they name. */
export class SchemaTypes {
  private readonly checker: ts.TypeChecker;
  private readonly types = new Map<string, object>();

  constructor(checker: ts.TypeChecker) {
    this.checker = checker;
  }

  /** The collected types, in the order of their names. */
  collected(): Record<string, object> {
    return Object.fromEntries([...this.types].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The fields of an object type. Those of a union are the fields of all its members, required if they are in each. */
  fields(node: ts.TypeNode, name: string): Fields {
    const type = this.checker.getTypeFromTypeNode(node);
    const variants = type.isUnion() ? type.types : [type];
    const found = new Map<string, ts.PropertySignature[]>();
    for (const symbol of variants.flatMap((each) => this.checker.getPropertiesOfType(each))) {
      found.set(symbol.name, [...(found.get(symbol.name) ?? []), signatureOf(symbol)]);
    }
    for (const field of WITHOUT[name] ?? []) found.delete(field);
    const required = [...found].filter(
      ([, all]) => all.length === variants.length && all.every((each) => !each.questionToken),
    );
    const instead = INSTEAD[name] ?? {};
    const properties = [...found]
      .filter(([field]) => !(field in instead))
      .map(([field, all]) => [field, this.field(all, `${name}${capital(field)}`)]);
    return {
      properties: { ...Object.fromEntries(properties), ...instead },
      required: required.map(([field]) => field),
    };
  }

  /** The outputs of a component. */
  outputs(component: ts.ClassDeclaration, name: string): Record<string, Property> {
    const open = component.members.filter(ts.isPropertyDeclaration).filter((each) => !isPrivate(each));
    return Object.fromEntries(
      open.map((each) => {
        const { name: field, meaning } = memberOf(each);
        const property = withoutPlain(this.property(typeOf(each), `${name}${capital(field)}`));
        return [field, { ...property, description: meaning, ...secrecy(field) }];
      }),
    );
  }

  private field(declarations: readonly ts.PropertySignature[], name: string): Property {
    const [first] = declarations as [ts.PropertySignature];
    const { name: field, meaning, byDefault } = memberOf(first);
    const values = declarations.map(typeOf).filter(ts.isLiteralTypeNode);
    const property = values.length > 1 ? this.values(values, name) : this.property(typeOf(first), name);
    const value = byDefault?.replace(/^- /, "").replaceAll(/\s+/g, " ");
    const own = values.length > 1 ? "Selects the variant." : meaning;
    const text = byDefault === undefined || byDefault === "none" ? own : `${own} Default: ${value}.`;
    return { ...property, ...(text !== "" && { description: text }), ...secrecy(field) };
  }

  /** A type, `plain` unless it is an input or an output; `name` is for a type without a name of its own. */
  private property(node: ts.TypeNode, name: string): Property {
    if (ts.isTypeReferenceNode(node)) return this.reference(node, name);
    if (ts.isTypeOperatorNode(node)) return this.property(node.type, name); // readonly
    // The items are inputs: for a plain list of plain objects, the SDK for Go lacks the types of the objects.
    if (ts.isArrayTypeNode(node)) {
      return { type: "array", items: withoutPlain(this.property(node.elementType, name)), plain: true };
    }
    if (ts.isTupleTypeNode(node)) {
      const [item] = node.elements as readonly ts.TypeNode[] as [ts.TypeNode];
      return { type: "array", items: withoutPlain(this.property(item, name)), plain: true };
    }
    if (ts.isUnionTypeNode(node) && node.types.every(ts.isLiteralTypeNode)) {
      return this.values(node.types.filter(ts.isLiteralTypeNode), name);
    }
    const simple = SIMPLE.get(node.kind);
    return simple === undefined ? this.object(node, name) : { type: simple, plain: true };
  }

  private reference(node: ts.TypeReferenceNode, name: string): Property {
    const reference = node.typeName.getText().replace(/^pulumi\./, "");
    const [first, second] = node.typeArguments ?? [];
    if ((reference === "Input" || reference === "Output") && first) return withoutPlain(this.property(first, name));
    if (reference === "Readonly" && first) return this.property(first, name);
    if (reference === "Record" && second) {
      return { type: "object", additionalProperties: this.property(second, name), plain: true };
    }
    if (reference === "SshHost") return HOST;
    if (reference === "Host") return withoutPlain(this.object(node, reference));
    const { symbol } = this.checker.getTypeFromTypeNode(node);
    if (symbol?.declarations?.some(ts.isClassDeclaration)) return { $ref: `#/resources/${token(reference)}` };
    return this.object(node, first ? name : reference);
  }

  private object(node: ts.TypeNode, name: string): Property {
    if (!this.types.has(token(name))) {
      const { properties, required } = this.fields(node, name);
      const description = ts.isTypeReferenceNode(node) ? this.commentOf(node) : "";
      const type = { ...(description !== "" && { description }), type: "object", properties, required };
      this.types.set(token(name), type);
    }
    return { $ref: `#/types/${token(name)}`, plain: true };
  }

  private values(nodes: readonly ts.LiteralTypeNode[], name: string): Property {
    const values = nodes.map(({ literal }) => {
      if (!ts.isStringLiteral(literal)) throw new Error(`${name} is ${literal.getText()}, not a string`);
      return { value: literal.text };
    });
    this.types.set(token(name), { type: "string", enum: values });
    return { $ref: `#/types/${token(name)}`, plain: true };
  }

  private commentOf(node: ts.TypeReferenceNode): string {
    const symbol = this.checker.getSymbolAtLocation(node.typeName);
    const meant = symbol && symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    const [comment] = (meant?.declarations ?? []).flatMap(ts.getJSDocCommentsAndTags).filter(ts.isJSDoc);
    return node.typeArguments ? "" : commentText(comment?.comment);
  }
}

const SIMPLE: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.StringKeyword, "string"],
  [ts.SyntaxKind.NumberKeyword, "number"],
  [ts.SyntaxKind.BooleanKeyword, "boolean"],
]);

/** The declaration of a field; in an intersection the one that requires it. */
function signatureOf({ name, declarations = [] }: ts.Symbol): ts.PropertySignature {
  const signatures = declarations.filter(ts.isPropertySignature);
  const [found] = [...signatures.filter((each) => !each.questionToken), ...signatures];
  if (!found) throw new Error(`${name} is no field`);
  return found;
}

function typeOf(member: ts.PropertySignature | ts.PropertyDeclaration): ts.TypeNode {
  if (!member.type) throw new Error(`${member.getText()} has no type`);
  return member.type;
}

/** The property as an input or an output, with all that is in it. */
function withoutPlain({ plain: _, ...property }: Property): Property {
  const inner = Object.entries(property).filter(([key]) => key === "items" || key === "additionalProperties");
  return { ...property, ...Object.fromEntries(inner.map(([key, value]) => [key, withoutPlain(value as Property)])) };
}

const secrecy = (field: string): Property => (SECRET.test(field) ? { secret: true } : {});

const capital = (field: string): string => `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
