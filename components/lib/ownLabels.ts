import * as pulumi from "@pulumi/pulumi";
import { stackLabels } from "./identity.ts";

/** Labels that mark the owner of a script's objects: the given ones, else project and stack of the program. */
export const ownLabels = (
  given: pulumi.Input<Record<string, pulumi.Input<string>>> = {},
): pulumi.Output<Record<string, string>> =>
  pulumi
    .output(given)
    .apply((labels) =>
      Object.keys(labels).length > 0 ? labels : stackLabels({ project: pulumi.getProject(), stack: pulumi.getStack() }),
    );
