import * as pulumi from "@pulumi/pulumi";

/** Options that the SDK hands on to no child of a component. Providers and `protect` it hands on by itself (resource.js). */
const FOR_CHILDREN = ["dependsOn", "deletedWith", "replaceWith", "replacementTrigger"] as const;

/**
 * Options of a component itself. Those that order, delete and replace are for its children: of the component there is nothing
 * that could wait, while a child that needs no order would wait for its parent, and an engine would replace the parent, too.
 */
export const componentOptions = (given: pulumi.ComponentResourceOptions = {}): pulumi.ComponentResourceOptions =>
  Object.fromEntries(Object.entries(given).filter(([key]) => !FOR_CHILDREN.some((each) => each === key)));

/**
 * Options of a component's child: its own, and those of the component that order, delete and replace it. A child that has them
 * not is neither made after what the component depends on nor removed before it.
 */
export function childOptions<T extends pulumi.ResourceOptions>(
  component: pulumi.ComponentResourceOptions = {},
  own: T,
): T {
  const given = FOR_CHILDREN.filter((key) => component[key] !== undefined).map((key) => [key, component[key]]);
  return pulumi.mergeOptions(Object.fromEntries(given), own) as T;
}
