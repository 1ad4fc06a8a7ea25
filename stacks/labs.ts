import { type Check, checksOf, type LabOutputs } from "./checks.ts";
import type { Config, LabName } from "./config.ts";
import { counter } from "./counter.ts";
import { namespaces } from "./namespaces.ts";
import { ports } from "./ports.ts";

const LABS: Readonly<Record<LabName, (config: Config) => LabOutputs>> = { ports, counter, namespaces };

/** Builds the labs that the settings name and joins what they hand back. */
export function buildLabs(config: Config): { urls: Record<string, string>; checks: Check[] } {
  const built = config.labs.map((name) => ({ name, ...LABS[name](config) }));
  return {
    urls: Object.assign({}, ...built.map(({ urls }) => urls)),
    checks: built.flatMap(({ name, checks }) => checksOf(name, checks)),
  };
}
