import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { cableProblem, hostAddress, isHostOf, overlap, parseCidr } from "../components/lib/cidr.ts";
import { defaultPort, defaultSubnet, type Identity } from "../components/lib/identity.ts";
import type { ImageOrigin } from "./images.ts";

/** The labs there are. A lab's place in the list picks its share of an environment's subnets and ports: append only. */
export const LAB_NAMES = ["ports", "counter", "namespaces"] as const;
export type LabName = (typeof LAB_NAMES)[number];
/** The labs that have a Docker network and publish a port. */
const PUBLISHING = ["ports", "counter"] as const;
type PublishingLab = (typeof PUBLISHING)[number];
/** The labs that are built unless the settings say otherwise: those that do not need root on this machine. */
const DEFAULT_LABS: readonly LabName[] = ["ports", "counter"];
/** The tutorial's addresses of the two ends of the cable. */
const CABLE: readonly [string, string] = ["192.168.1.1/24", "192.168.1.2/24"];

/** Sizes of subnet that the labs work with: Docker needs room for a bridge and two containers. */
const PREFIX = { least: 8, most: 28 };

const cidr = z.string().superRefine((value, context) => {
  try {
    const { prefix } = parseCidr(value);
    if (prefix < PREFIX.least || prefix > PREFIX.most) {
      context.addIssue(`expected a block of /${PREFIX.least} to /${PREFIX.most}, got ${value}`);
    }
  } catch (error) {
    context.addIssue((error as Error).message);
  }
});

const PublishingSettings = z.strictObject({
  subnet: cidr.optional(),
  gateway: z.ipv4({ error: ({ input }) => `expected an IPv4 address, got ${JSON.stringify(input)}` }).optional(),
  port: z
    .int({ error: ({ input }) => `expected a whole number, got ${JSON.stringify(input)}` })
    .min(1, { error: ({ input }) => `expected a port from 1 to 65535, got ${input}` })
    .max(65_535, { error: ({ input }) => `expected a port from 1 to 65535, got ${input}` })
    .optional(),
});

const addressWithPrefix = z.string({
  error: ({ input }) => `expected an IPv4 address with prefix length, got ${JSON.stringify(input)}`,
});

const NamespacesSettings = z.strictObject({
  addresses: z
    .tuple([addressWithPrefix, addressWithPrefix], {
      error: ({ input }) => `expected two IPv4 addresses with prefix length, got ${JSON.stringify(input)}`,
    })
    .superRefine((addresses, context) => {
      const problem = cableProblem(addresses);
      if (problem) context.addIssue(problem);
    })
    .readonly()
    .default(CABLE),
});

/** The settings of each lab. */
const LAB_SETTINGS = {
  ports: PublishingSettings,
  counter: PublishingSettings,
  namespaces: NamespacesSettings,
} satisfies Record<LabName, z.ZodObject>;

const Settings = z.strictObject({
  labs: z
    .array(z.enum(LAB_NAMES))
    .min(1, { error: "expected at least one lab" })
    .refine((labs) => new Set(labs).size === labs.length, { error: "expected each lab once" })
    .default([...DEFAULT_LABS]),
  publishAddress: z
    .ipv4({ error: ({ input }) => `expected an IPv4 address of this host, got ${JSON.stringify(input)}` })
    .default("127.0.0.1"),
  ports: LAB_SETTINGS.ports.default({}),
  counter: LAB_SETTINGS.counter.default({}),
  namespaces: LAB_SETTINGS.namespaces.prefault({}),
});

/** What a lab that publishes a port is given: the block of its network and where its front end is published. */
export interface LabConfig {
  readonly subnet: string;
  readonly gateway: string;
  readonly port: number;
}

/** A stack's settings with every default filled in. */
export interface Config {
  readonly identity: Identity;
  readonly labs: readonly LabName[];
  readonly publishAddress: string;
  readonly images: ImageOrigin;
  readonly lab: Readonly<Record<PublishingLab, LabConfig>>;
  /** Of the two ends of the cable of the lab `namespaces`, with prefix length. */
  readonly addresses: readonly [string, string];
}

/** Keys whose values are written as YAML lists or maps, which reach the program as JSON. */
const STRUCTURED = new Set<string>(["labs", ...LAB_NAMES]);

/** The stack's settings. The only place in the program that reads Pulumi configuration or the environment. */
export function readConfig(): Config {
  const identity = { project: pulumi.getProject(), stack: pulumi.getStack() };
  const own = `${identity.project}:`;
  const raw = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(own))
    .map(([key, value]) => [key.slice(own.length), value] as const);
  return parseConfig(identity, Object.fromEntries(raw), process.env.DOCKERNET_IMAGES);
}

/**
 * Checks the settings of a stack and fills in its defaults; throws one error that lists everything wrong with them.
 * The values are as Pulumi hands them over: strings, with lists and maps in JSON.
 */
export function parseConfig(identity: Identity, raw: Readonly<Record<string, string>>, images = "official"): Config {
  const result = Settings.safeParse(Object.fromEntries(Object.entries(raw).map(decode)));
  if (!result.success) throw refusal(identity, result.error.issues.map(describe));
  if (images !== "official" && images !== "debian") {
    throw refusal(identity, [`environment variable DOCKERNET_IMAGES: expected official or debian, got ${images}`]);
  }

  const { labs, publishAddress, namespaces, ...settings } = result.data;
  const lab = Object.fromEntries(
    PUBLISHING.map((name) => {
      const index = LAB_NAMES.indexOf(name);
      const subnet = settings[name].subnet ?? defaultSubnet(identity, index);
      const gateway = settings[name].gateway ?? hostAddress(subnet, 1);
      return [name, { subnet, gateway, port: settings[name].port ?? defaultPort(identity, index) }];
    }),
  ) as Record<PublishingLab, LabConfig>;
  const publishing = PUBLISHING.filter((name) => labs.includes(name));
  const conflicts = publishing.flatMap((name, index) => conflictsOf(name, publishing.slice(0, index), lab));
  if (conflicts.length > 0) throw refusal(identity, conflicts);
  return { identity, labs, publishAddress, images, lab, addresses: namespaces.addresses };
}

/** An address at which the host itself reaches what it publishes on `publishAddress`. */
export const reachableAddress = (publishAddress: string): string =>
  publishAddress === "0.0.0.0" ? "127.0.0.1" : publishAddress;

function decode([key, value]: [string, string]): [string, unknown] {
  if (!STRUCTURED.has(key)) return [key, value];
  try {
    return [key, JSON.parse(value)];
  } catch {
    return [key, value];
  }
}

/** What is wrong between the settings of one lab, and between them and those of the labs before it. */
function conflictsOf(name: PublishingLab, earlier: readonly PublishingLab[], lab: Config["lab"]): string[] {
  const { subnet, gateway, port } = lab[name];
  const outside = isHostOf(subnet, gateway) ? [] : [`${name}.gateway: expected a host of ${subnet}, got ${gateway}`];
  return earlier.reduce((found, other) => {
    if (lab[other].port === port) found.push(`${name}.port: ${port} is the port of ${other} already`);
    if (overlap(lab[other].subnet, subnet)) {
      found.push(`${name}.subnet: ${subnet} overlaps ${other}.subnet, ${lab[other].subnet}`);
    }
    return found;
  }, outside);
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    const lab = LAB_NAMES.find((name) => name === issue.path[0]);
    const known = Object.keys((lab ? LAB_SETTINGS[lab] : Settings).shape).join(", ");
    return issue.keys.map((key) => `${lab ? `${lab}.` : ""}${key}: no such setting; there are ${known}`).join("\n  ");
  }
  return `${issue.path.join(".")}: ${issue.message}`;
}

const refusal = ({ stack }: Identity, problems: readonly string[]) =>
  new pulumi.RunError(`settings of stack ${stack} (stacks/Pulumi.${stack}.yaml):\n  ${problems.join("\n  ")}`);
