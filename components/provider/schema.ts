import { readFileSync } from "node:fs";

/** A property of the package schema. */
export interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
  /** Whether it decides which resources exist and therefore must be known in a preview. */
  readonly plain?: boolean;
  readonly secret?: boolean;
}

/** An object type, or a list of strings. */
export interface NamedType {
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: string }[];
}

interface Component {
  readonly inputProperties: Readonly<Record<string, Property>>;
  readonly requiredInputs: readonly string[];
  readonly properties: Readonly<Record<string, Property>>;
}

/** The text of the package schema, which `npm run reference` writes from the component classes. */
export const SCHEMA_TEXT = readFileSync(new URL("schema.json", import.meta.url), "utf8");

const schema: {
  readonly version: string;
  readonly types: Readonly<Record<string, NamedType>>;
  readonly resources: Readonly<Record<string, Component>>;
} = JSON.parse(SCHEMA_TEXT);

export const VERSION = schema.version;

/** A component by its type token, such as `dockernet:index:Container`. */
export const componentOf = (token: string): Component | undefined => schema.resources[token];

/** The type that a property refers to; undefined if it refers to a component. */
export function typeOf(property: Property): NamedType | undefined {
  const [, token] = /^#\/types\/(.+)$/.exec(property.$ref ?? "") ?? [];
  return token === undefined ? undefined : schema.types[token];
}

/** The last part of a property's reference, such as `Host`; undefined without a reference. */
export const nameOf = (property: Property): string | undefined => property.$ref?.split(":").at(-1);

/** Whether a property refers to a component. */
export const isComponent = (property: Property): boolean => property.$ref?.startsWith("#/resources/") ?? false;
