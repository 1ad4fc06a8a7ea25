import * as pulumi from "@pulumi/pulumi";

/**
 * An error that names an argument by its path, such as `members[0].host.kind`. It is no InputPropertyError: for those the
 * engine prints the value of the argument, also a secret one.
 */
export const argumentProblem = (path: string, reason: string): pulumi.RunError =>
  new pulumi.RunError(`argument ${path}: ${reason}`);
