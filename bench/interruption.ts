import { SetupError } from "../toolchain/step.ts";

/**
 * Aborts when this process is interrupted or told to end, so that the `finally` blocks of a benchmark remove what it created. A
 * second interruption ends the process at once.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => controller.abort(new SetupError(`interrupted by ${name}; removing what was created`)));
  }
  return controller.signal;
}
