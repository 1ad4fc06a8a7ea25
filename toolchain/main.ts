import { systemProblem } from "./systemProblem.ts";
import { UserError } from "./userError.ts";

/**
 * Runs the body of a command and exits with the code it returns, or with `failure`; errors for users are printed
 * without a stack trace.
 */
export async function main(body: () => Promise<number>, failure = 1): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (error) {
    process.exitCode = failure;
    const problem = error instanceof UserError ? error.message : systemProblem(error);
    console.error(problem === undefined ? error : `error: ${problem}`);
  }
}
