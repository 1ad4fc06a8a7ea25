import * as pulumi from "@pulumi/pulumi";
import { stackLabels } from "./identity.ts";

/** Labels that tell what a script has made from what others have: those that are given, else the program's own. */
export const ownLabels = (
  given: pulumi.Input<Record<string, pulumi.Input<string>>> = {},
): pulumi.Output<Record<string, string>> =>
  pulumi
    .output(given)
    .apply((labels) =>
      Object.keys(labels).length > 0 ? labels : stackLabels({ project: pulumi.getProject(), stack: pulumi.getStack() }),
    );
