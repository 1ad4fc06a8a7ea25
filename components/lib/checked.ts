import * as pulumi from "@pulumi/pulumi";

/**
 * Validates the arguments of a component and returns them as an output. If all are plain, a problem is thrown
 * immediately, before anything is created; if one is an output, the problem is thrown when it is known. `problemOf`
 * returns or throws the problem.
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

/** Whether a value contains no output and no promise. */
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
