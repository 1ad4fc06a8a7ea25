import * as z from "zod";
import { EVERY_ADDRESS, host, hostAddressProblem, MOST_HOSTS, usable } from "./fields.ts";
import { describedLab, LAB_NAMES, type LABS, LABS_BY_ROW, type LabName } from "./labs/index.ts";
import { expected } from "./words.ts";

/** Labs that are built by default: those of `basics` that need neither root nor another host. */
const DEFAULT_LABS: readonly LabName[] = LABS_BY_ROW.filter((name) => {
  const { needs, hosts, presets } = describedLab(name);
  return presets.basics !== undefined && needs.root === undefined && hosts === undefined;
});

/** Schema of each lab's settings. */
const LAB_SHAPE = Object.fromEntries(
  LAB_NAMES.map((name) => [name, describedLab(name).settings.prefault({})]),
) as unknown as {
  readonly [L in LabName]: z.ZodPrefault<(typeof LABS)[L]["settings"]>;
};

/** All settings of a stack. */
export const Settings = z.strictObject({
  labs: z
    .array(z.enum(LAB_NAMES), expected(`a list of labs such as [${LAB_NAMES[0]}]`))
    .min(1, { error: "expected at least one lab" })
    .refine((labs) => new Set(labs).size === labs.length, { error: "expected each lab once" })
    .default([...DEFAULT_LABS]),
  publishAddress: z
    .ipv4(expected("an IPv4 address of this host"))
    .superRefine(usable((address) => (address === EVERY_ADDRESS ? undefined : hostAddressProblem(address))))
    .default("127.0.0.1"),
  ...LAB_SHAPE,
  hosts: z
    .array(host, expected("a list of hosts"))
    .max(MOST_HOSTS, { error: "expected at most 7 hosts" })
    .refine((hosts) => new Set(hosts.map(({ name }) => name)).size === hosts.length, {
      error: "expected each name once",
    })
    .refine((hosts) => new Set(hosts.map(({ address }) => address)).size === hosts.length, {
      error: "expected each address once",
    })
    .default([]),
});

/** Names of the settings at a path, such as `hosts.1`. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const parts = path.filter((part) => typeof part === "string");
  const schema = parts.reduce<unknown>((within, part) => shapeOf(within)[part], Settings);
  return Object.keys(shapeOf(schema));
}

/** Keys and schemas of a map, or of the maps in a list; empty for other schemas. */
function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodArray) return shapeOf(schema.element);
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return isWrapped ? shapeOf(schema.unwrap()) : {};
}
