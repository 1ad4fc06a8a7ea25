import manifest from "../package.json" with { type: "json" };

/** Versions of the Pulumi CLI and of the providers: those of the npm packages that package.json pins. */
export const VERSIONS = {
  pulumi: manifest.dependencies["@pulumi/pulumi"],
  docker: manifest.dependencies["@pulumi/docker"],
  command: manifest.dependencies["@pulumi/command"],
};
