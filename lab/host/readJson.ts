import type * as z from "zod";
import { ProbeError } from "./probeError.ts";

/** Reads the JSON that a command printed; throws a ProbeError that says what was printed in its place. */
export function readJson<T extends z.ZodType>(schema: T, printed: string, command: string): z.infer<T> {
  const { success, data } = schema.safeParse(parsed(printed));
  if (success) return data;
  throw new ProbeError(`${command} printed what was not expected: ${JSON.stringify(printed.trim().slice(0, 100))}`);
}

/** The value that a text of JSON stands for; undefined for any other text. */
export function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
