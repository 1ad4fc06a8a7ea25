import * as z from "zod";
import { settingName } from "./settingsFile.ts";

const Values = z.record(z.string(), z.object({ value: z.string().optional() }));

/** Returns the arguments of the `pulumi` command that prints the settings of a stack; secrets stay encrypted. */
export const configOf = (environment: string): string[] => ["config", "--json", "--stack", environment];

/** Reads this project's settings, strings by name, from the JSON that this command printed. */
export const parseStackConfig = (printed: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(Values.parse(printed)).flatMap(([key, { value }]) => {
      const name = settingName(key);
      // A secret has no value here; no setting is a secret.
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
