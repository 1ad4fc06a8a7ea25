/** The settings of one environment, by key. */
type Preset = Readonly<Record<string, unknown>>;

/**
 * The environments that the project brings. Their settings are here and not in stacks/Pulumi.ENV.yaml, since Pulumi writes
 * into that file (an `encryptionsalt`, which belongs to one checkout's passphrase). What that file sets goes before these.
 */
export const PRESETS: Readonly<Record<string, Preset>> = {
  /** Every lab, with the tutorial's own names, addresses and ports; two practice nodes stand in for its virtual machines. */
  practice: {
    labs: ["namespaces", "bridge", "links", "ports", "isolation", "counter", "overlay"],
    namespaces: { host: "docker-node1" },
    ports: { port: 80 },
    counter: { port: 5000 },
    overlay: { subnet: "192.168.174.0/24" },
  },
  /** The single-host labs on the local engine; names, subnets and ports are derived, so it runs beside any other environment. */
  basics: { labs: ["namespaces", "bridge", "links", "ports", "isolation", "counter"] },
};

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

/** What is no JSON stays as it is: whoever checks the settings says what is wrong with it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
