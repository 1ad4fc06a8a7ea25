import { AsyncLocalStorage } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import type { ConstructResult, Provider } from "@pulumi/pulumi/provider/index.js";
import * as components from "../index.ts";
import { argumentProblem } from "./argumentProblem.ts";
import { readArguments } from "./readArguments.ts";
import { componentOf, isComponent, nameOf, type Property, SCHEMA_TEXT, VERSION } from "./schema.ts";

type Class = new (
  name: string,
  args: object,
  opts: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource & Readonly<Record<string, unknown>>;

/** Type and name of the component that is being created. */
export const constructing = new AsyncLocalStorage<string>();

/** Creates the components for programs in languages other than JavaScript. */
export class DockernetProvider implements Provider {
  readonly version = VERSION;
  readonly schema = SCHEMA_TEXT;
  private readonly built = new Map<string, pulumi.ComponentResource>();

  construct(
    name: string,
    token: string,
    inputs: pulumi.Inputs,
    options: pulumi.ComponentResourceOptions,
  ): Promise<ConstructResult> {
    return constructing.run(`${token} ${name}`, () => this.make(name, token, inputs, options));
  }

  private async make(
    name: string,
    token: string,
    inputs: pulumi.Inputs,
    options: pulumi.ComponentResourceOptions,
  ): Promise<ConstructResult> {
    const component = componentOf(token);
    const made = (components as unknown as Readonly<Record<string, Class>>)[token.split(":").at(-1) ?? ""];
    if (!component || !made) throw new Error(`the provider dockernet has no resource ${token}`);
    const { inputProperties: properties, requiredInputs: required } = component;
    const args = await readArguments(inputs, { properties, required }, this.built);
    const { ends } = args;
    if (Array.isArray(ends) && ends.length !== 2) throw argumentProblem("ends", `expected 2 ends, got ${ends.length}`);
    const resource = new made(name, args, options);
    const urn = await promised(resource.urn);
    this.built.set(urn, resource);
    const outputs = Object.entries(component.properties).map(([output, property]) => [
      output,
      outputOf(resource[output], property, urn),
    ]);
    return { urn, state: Object.fromEntries(outputs) };
  }
}

/** An output as other languages see it. A host refers to its practice node, whose address and keys stay here. */
function outputOf(value: unknown, property: Property, node: string): unknown {
  if (nameOf(property) !== "Host" || isComponent(property)) return property.secret ? pulumi.secret(value) : value;
  const { kind, name, sudo } = value as components.SshHost;
  return { kind, name, node, ...(sudo && { sudo }) };
}

const promised = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));
