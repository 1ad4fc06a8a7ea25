import type { PresetName } from "./labs/describe.ts";
import { describedLab, LABS_BY_ROW } from "./labs/index.ts";

/** The settings of one environment, by key. */
type Preset = Readonly<Record<string, unknown>>;

/**
 * The environments that the project brings: `practice` has every lab of the tutorial, with the tutorial's own names, addresses and ports, and two
 * practice nodes in place of its virtual machines; `basics` the single-host labs on the local engine, with names, subnets and
 * ports that are derived, so that it runs beside any other environment; `swarm` the overlay of today's engines, on practice nodes of
 * its own.
 *
 * Their settings are those that the labs describe, and not in stacks/Pulumi.ENV.yaml, since Pulumi writes into that file (an
 * `encryptionsalt`, which belongs to one checkout's passphrase). What that file sets goes before these.
 */
export const PRESETS: Readonly<Record<string, Preset>> = {
  practice: presetOf("practice"),
  basics: presetOf("basics"),
  swarm: presetOf("swarm"),
};

function presetOf(environment: PresetName): Preset {
  const labs = LABS_BY_ROW.filter((name) => describedLab(name).presets[environment] !== undefined);
  const settings = labs.map((name) => [name, describedLab(name).presets[environment] ?? {}] as const);
  return { labs, ...Object.fromEntries(settings.filter(([, own]) => Object.keys(own).length > 0)) };
}

/**
 * A stack's settings with what the project brings for an environment of its name. Where both have a map, each of its keys
 * is taken from the stack's if it is there. Values are as Pulumi hands them over: strings, with lists and maps in JSON.
 */
export function withPreset(stack: string, raw: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const preset = Object.hasOwn(PRESETS, stack) ? Object.entries(PRESETS[stack] ?? {}) : [];
  const merged = preset.map(([key, value]) => [key, merge(value, raw[key])] as const);
  return { ...raw, ...Object.fromEntries(merged) };
}

function merge(preset: unknown, own: string | undefined): string {
  if (own === undefined) return typeof preset === "string" ? preset : JSON.stringify(preset);
  const given = isMap(preset) ? parse(own) : undefined;
  return isMap(given) ? JSON.stringify({ ...(preset as object), ...given }) : own;
}

const isMap = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);

/** What is no JSON stays as it is: the check of the settings refuses it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
