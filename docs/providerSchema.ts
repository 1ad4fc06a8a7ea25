import ts from "typescript";
import { componentsOf, type PublicApi } from "./api.ts";
import { SchemaTypes, token } from "./schemaTypes.ts";

/** Components that other languages do not have, because their arguments are files or resources of the program. */
export const NOT_OFFERED: readonly string[] = ["EndpointRelease", "HostScript", "RemoteEngine"];

/** What a package schema repeats from the npm package's manifest. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/**
 * Pulumi's package schema of the components that other languages have: the arguments, outputs and comments of the
 * classes (https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/).
 */
export function providerSchema(api: PublicApi, { name, version, description, license }: Manifest): object {
  const types = new SchemaTypes(api.checker);
  const offered = componentsOf(api).filter((each) => !NOT_OFFERED.includes(each.name));
  const resources = offered.map((component) => {
    const declaration = api.names
      .find((each) => each.name === component.name)
      ?.declarations.find(ts.isClassDeclaration);
    if (!declaration) throw new Error(`${component.name} is no class`);
    const args = declaration.members.find(ts.isConstructorDeclaration)?.parameters[1]?.type;
    if (!args) throw new Error(`${component.name} has no type of arguments`);
    const inputs = types.fields(args, component.name);
    const outputs = types.outputs(declaration, component.name);
    const resource = {
      description: component.text,
      isComponent: true,
      inputProperties: inputs.properties,
      requiredInputs: inputs.required,
      properties: outputs,
      required: Object.keys(outputs),
    };
    return [token(component.name), resource] as const;
  });
  return {
    name,
    version,
    description,
    license,
    language: { python: { pyproject: { enabled: true }, respectSchemaVersion: true } },
    provider: {},
    types: types.collected(),
    resources: Object.fromEntries(resources),
  };
}

/** The text of the committed schema. */
export const schemaText = (api: PublicApi, manifest: Manifest): string =>
  `${JSON.stringify(providerSchema(api, manifest), undefined, 2)}\n`;
