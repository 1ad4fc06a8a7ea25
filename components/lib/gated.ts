import * as pulumi from "@pulumi/pulumi";

/** A value that becomes known only once `gate` is known, such as the id of the resource that it belongs to. */
export const gated = <T>(value: pulumi.Input<T>, gate: pulumi.Input<unknown>): pulumi.Output<T> =>
  pulumi.all([pulumi.output(value), gate]).apply(([known]) => known) as pulumi.Output<T>;
