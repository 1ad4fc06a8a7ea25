import * as pulumi from "@pulumi/pulumi";

/**
 * An error that names an argument by its path, such as `members[0].host.kind`. Not an InputPropertyError: for those the
 * engine prints the argument's value, even if it is secret.
 */
export const argumentProblem = (path: string, reason: string): pulumi.RunError =>
  new pulumi.RunError(`argument ${path}: ${reason}`);
