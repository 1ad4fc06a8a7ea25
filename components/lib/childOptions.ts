import * as pulumi from "@pulumi/pulumi";

/**
 * Options that the SDK does not pass to a component's children. It passes providers and `protect` itself (resource.js).
 */
const FOR_CHILDREN = ["dependsOn", "deletedWith", "replaceWith", "replacementTrigger"] as const;

/**
 * Options for the component itself, without those that {@link childOptions} passes to its children. On the component,
 * `dependsOn` would make every child wait, and the replacement options would also replace the component.
 */
export const componentOptions = (given: pulumi.ComponentResourceOptions = {}): pulumi.ComponentResourceOptions =>
  Object.fromEntries(Object.entries(given).filter(([key]) => !FOR_CHILDREN.some((each) => each === key)));

/**
 * Options for a component's child: its own, plus the component's `dependsOn`, `deletedWith`, `replaceWith` and
 * `replacementTrigger`. Without these the state does not record the component's dependencies for the child, so a
 * destroy may delete both at once.
 */
export function childOptions<T extends pulumi.ResourceOptions>(
  component: pulumi.ComponentResourceOptions = {},
  own: T,
): T {
  const given = FOR_CHILDREN.filter((key) => component[key] !== undefined).map((key) => [key, component[key]]);
  return pulumi.mergeOptions(Object.fromEntries(given), own) as T;
}
