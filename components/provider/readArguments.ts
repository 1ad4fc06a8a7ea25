import * as pulumi from "@pulumi/pulumi";
import { isUnknown, unknown } from "@pulumi/pulumi/output.js";
import { argumentProblem } from "./argumentProblem.ts";
import { type Built, REFINED } from "./refine.ts";
import { isComponent, type NamedType, nameOf, type Property, typeOf } from "./schema.ts";

/** The fields of an object, or the arguments of a component. */
type ObjectType = Required<Pick<NamedType, "properties" | "required">>;

/** A value of the program: plain, an output, or a part of an output. */
interface Given {
  /** The value itself; Pulumi's `unknown` if a preview does not know it. */
  readonly value: unknown;
  readonly secret: boolean;
  /** The output with its dependencies and secretness; undefined for a value that is not part of an output. */
  readonly output: pulumi.Output<unknown> | undefined;
}

/**
 * Converts the inputs of a program in any language to arguments of the classes. Inputs remain secret, unknown, or
 * dependent on other resources. Rejects with an error that names the argument and the problem.
 */
export async function readArguments(inputs: object, type: ObjectType, built: Built): Promise<Record<string, unknown>> {
  return readFields({ value: inputs, secret: false, output: undefined }, type, "", built);
}

async function readFields(
  given: Given,
  { properties, required }: ObjectType,
  path: string,
  built: Built,
): Promise<Record<string, unknown>> {
  const at = (field: string) => (path === "" ? field : `${path}.${field}`);
  const fields: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(objectOf(given, path))) {
    const property = properties[field];
    if (!property) throw argumentProblem(at(field), `unknown, expected one of ${Object.keys(properties).join(", ")}`);
    const read = await readValue(await partOf(given, value), property, at(field), built);
    if (read !== undefined) fields[field] = read;
  }
  const missing = required.find((field) => fields[field] === undefined);
  if (missing) throw argumentProblem(at(missing), "missing");
  return fields;
}

async function readValue(given: Given, property: Property, path: string, built: Built): Promise<unknown> {
  const { value, output } = given;
  if (isUnknown(value)) {
    if (!property.plain && !isComponent(property) && !typeOf(property)?.properties)
      return output ?? pulumi.output(unknown);
    throw argumentProblem(path, "must be known in a preview, because it decides which resources exist");
  }
  if (value === undefined || value === null) return undefined;
  if (isComponent(property)) {
    const found = built.get(String(value));
    if (found?.constructor.name === nameOf(property)) return found;
    throw argumentProblem(path, `expected a resource ${nameOf(property)} of this program, with the same provider`);
  }
  const type = typeOf(property);
  if (type?.properties) {
    const fields = await readFields(given, { properties: type.properties, required: type.required ?? [] }, path, built);
    return REFINED[nameOf(property) ?? ""]?.(fields, path, built) ?? fields;
  }
  const { items, additionalProperties } = property;
  const each = async (part: unknown, of: Property, at: string) => readValue(await partOf(given, part), of, at, built);
  if (items) {
    if (!Array.isArray(value)) throw argumentProblem(path, `expected a list, got ${shown(given)}`);
    return Promise.all(value.map((item, index) => each(item, items, `${path}[${index}]`)));
  }
  if (additionalProperties) {
    const entries = Object.entries(objectOf(given, path));
    const read = entries.map(async ([key, part]) => [key, await each(part, additionalProperties, `${path}.${key}`)]);
    return Object.fromEntries(await Promise.all(read));
  }
  return simple(given, property, path);
}

/** A string, a number, a boolean, or one of a list of strings. */
function simple(given: Given, property: Property, path: string): unknown {
  const { value, output, secret } = given;
  const allowed = typeOf(property)?.enum?.map((each) => each.value);
  const fits = allowed ? allowed.includes(String(value)) : typeof value === property.type;
  if (!fits)
    throw argumentProblem(path, `expected ${allowed?.join(" or ") ?? `a ${property.type}`}, got ${shown(given)}`);
  if (property.plain) {
    if (!secret) return value;
    throw argumentProblem(path, "must not be secret, because it is part of names or of commands");
  }
  const input = output?.apply(() => value) ?? value;
  return property.secret ? pulumi.secret(input) : input;
}

/** Returns a part of a value. The part may itself be an output. */
async function partOf(whole: Given, part: unknown): Promise<Given> {
  if (!pulumi.Output.isInstance(part)) return { ...whole, value: part };
  // Not in the SDK's types. Inputs of a provider are already resolved, so this does not wait.
  const { promise, isKnown } = part as unknown as {
    readonly promise: (withUnknowns: boolean) => Promise<unknown>;
    readonly isKnown: Promise<boolean>;
  };
  const value = await promise(true);
  const secret = whole.secret || (await pulumi.isSecret(part));
  return { value: value === undefined && !(await isKnown) ? unknown : value, secret, output: part };
}

function objectOf(given: Given, path: string): object {
  const { value } = given;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw argumentProblem(path, `expected an object, got ${shown(given)}`);
}

const shown = ({ value, secret }: Given): string => (secret ? "a secret" : (JSON.stringify(value) ?? String(value)));
