import * as pulumi from "@pulumi/pulumi";

/**
 * Arguments of a component, once they are right. What is wrong with them is an error at once where all of them are plain, before
 * anything is made; where one is an output, it is an error as soon as it is known. `problemOf` says what is wrong, or throws it.
 */
export function checked<T>(
  component: pulumi.Resource,
  args: T,
  problemOf: (known: pulumi.Unwrap<T>) => string | undefined,
): pulumi.Output<pulumi.Unwrap<T>> {
  if (isPlain(args)) {
    const problem = attempt(() => problemOf(args as pulumi.Unwrap<T>));
    if (problem) throw new pulumi.ResourceError(problem, component, true);
    return pulumi.output(args);
  }
  return pulumi.output(args).apply((known) => {
    const problem = attempt(() => problemOf(known));
    if (problem) throw new pulumi.RunError(problem);
    return known;
  });
}

/** Whether there is no output and no promise in a value. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  return Object.values(value).every(isPlain);
}

function attempt(problem: () => string | undefined): string | undefined {
  try {
    return problem();
  } catch (error) {
    return (error as Error).message;
  }
}
