import * as pulumi from "@pulumi/pulumi";

/** A value that is known only once another one is, such as the id of what it is a value of. */
export const gated = <T>(value: pulumi.Input<T>, gate: pulumi.Input<unknown>): pulumi.Output<T> =>
  pulumi.all([pulumi.output(value), gate]).apply(([known]) => known) as pulumi.Output<T>;
