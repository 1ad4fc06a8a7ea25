import type * as z from "zod";
import { ProbeError } from "./probeError.ts";

/** Parses the JSON output of a command; throws a ProbeError with the actual output if it is not as expected. */
export function readJson<T extends z.ZodType>(schema: T, printed: string, command: string): z.infer<T> {
  const { success, data } = schema.safeParse(parsed(printed));
  if (success) return data;
  throw new ProbeError(`${command} printed what was not expected: ${JSON.stringify(printed.trim().slice(0, 100))}`);
}

/** Parses JSON; undefined for any other text. */
export function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
