import * as z from "zod";
import { cableProblem, isAddress, isInside, parseCidr, withoutPrefix } from "../components/lib/cidr.ts";
import { LOOPBACK, reservedProblem } from "../components/lib/ranges.ts";
import { expected } from "./words.ts";

/** The labs there are. A lab's place in the list picks its share of an environment's subnets and ports: append only. */
export const LAB_NAMES = ["ports", "counter", "namespaces", "bridge", "links", "isolation", "overlay"] as const;
export type LabName = (typeof LAB_NAMES)[number];
/** The type of the component that is a lab, and the parent of all that it makes. */
export const LAB_TYPE = "dockernet:index:Lab";
/** How many machines the overlay lab may have: a practice node each, and a member of etcd's cluster on each. */
const MACHINES = { least: 1, most: 7 };
/** The labs that are built unless the settings say otherwise: those that do not need root on this machine. */
const DEFAULT_LABS: readonly LabName[] = ["bridge", "links", "ports", "isolation", "counter"];
/** Of an address to listen on: every one of the machine. */
export const EVERY_ADDRESS = "0.0.0.0";
/** The tutorial's addresses of the two ends of the cable. */
const CABLE: readonly [string, string] = ["192.168.1.1/24", "192.168.1.2/24"];

const block = (least: number, most: number) =>
  z.string(expected("an IPv4 block such as 172.20.8.0/24")).superRefine((value, context) => {
    try {
      const { subnetMask: prefix } = parseCidr(value);
      if (prefix < least || prefix > most) {
        context.addIssue(`expected a block of /${least} to /${most}, got ${value}`);
        return;
      }
      const problem = reservedProblem(value);
      if (problem) context.addIssue(problem);
    } catch (error) {
      context.addIssue((error as Error).message);
    }
  });

/** What is wrong with an address of a machine; a loopback address is one of every machine. */
const machineProblem = (address: string): string | undefined =>
  isAddress(address) && !isInside(LOOPBACK, address) ? reservedProblem(address) : undefined;

const usable = (problemOf: (address: string) => string | undefined) => (address: string, context: z.RefinementCtx) => {
  const problem = problemOf(address);
  if (problem) context.addIssue(problem);
};

/** A network's block: Docker needs room for a bridge and a few containers. */
const network = {
  subnet: block(8, 28).optional(),
  gateway: z.ipv4(expected("an IPv4 address")).optional(),
};

const port = z
  .int(expected("a whole number"))
  .min(1, expected("a port from 1 to 65535"))
  .max(65_535, expected("a port from 1 to 65535"))
  .optional();

const addressWithPrefix = z.string(expected("an IPv4 address with prefix length"));

const cable = z
  .tuple([addressWithPrefix, addressWithPrefix], expected("two IPv4 addresses with prefix length"))
  .superRefine((addresses, context) => {
    const problem =
      cableProblem(addresses) ?? addresses.flatMap((each) => reservedProblem(withoutPrefix(each)) ?? [])[0];
    if (problem) context.addIssue(problem);
  })
  .readonly()
  .default(CABLE);

const text = (what: string) => z.string(expected(what)).min(1, expected(what));

const hostName = expected("a name of 1 to 63 letters, digits and hyphens");

/** What a host key looks like: of no other kind can one be pinned. */
const ED25519 = [/^ssh-ed25519 \S+/, expected("ssh-ed25519 and the key")] as const;

/** A jump host. What is left out comes from the `ProxyJump` of `sshConfig`, where that has one. */
const jump = z.strictObject({
  address: z
    .string(expected("an address or name"))
    .regex(/^[A-Za-z0-9:][A-Za-z0-9.:_-]*$/, expected("an address or name"))
    .optional(),
  user: text("a user").optional(),
  port,
  keyFile: text("the path of a private key").optional(),
  hostKey: z
    .string({ error: "expected the jump host's ed25519 host key, as ssh-keyscan -t ed25519 shows it" })
    .regex(...ED25519)
    .optional(),
});

/** A machine of the user's. What is left out comes from `sshConfig`, a file as in ssh_config(5), where that is given. */
const host = z.strictObject({
  name: z.string(hostName).regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, hostName),
  address: z.ipv4(expected("an IPv4 address")).superRefine(usable(machineProblem)),
  hostKey: z
    .string({ error: "expected the machine's ed25519 host key, as ssh-keyscan -t ed25519 shows it" })
    .regex(...ED25519),
  user: text("a user").optional(),
  port,
  keyFile: text("the path of a private key").optional(),
  sshConfig: text("the path of a file").optional(),
  jump: jump.optional(),
  sudo: z.boolean().default(false),
  gone: z.boolean().default(false),
});

const sha256 = z.strictObject({ amd64: text("a checksum").optional(), arm64: text("a checksum").optional() });

/** Where the program etcd comes from, beside the distribution's packages. */
const archive = z.strictObject({
  version: text("a version"),
  url: text("a URL").optional(),
  sha256: sha256.optional(),
});

/** The settings of each lab. */
const LAB_SETTINGS = {
  ports: z.strictObject({ ...network, port }),
  counter: z.strictObject({ ...network, port }),
  namespaces: z.strictObject({ addresses: cable, host: text("local or the name of a host").default("local") }),
  bridge: z.strictObject({ ...network, outside: block(8, 30).optional() }),
  links: z.strictObject(network),
  isolation: z.strictObject({ port }),
  overlay: z.strictObject({
    subnet: block(8, 24).optional(),
    nodes: z
      .int(expected("a whole number"))
      .min(MACHINES.least, expected("1 to 7 nodes"))
      .max(MACHINES.most, expected("1 to 7 nodes"))
      .default(2),
    network: block(8, 28).default("10.10.0.0/24"),
    supervisor: z.enum(["systemd", "nohup"], expected("systemd or nohup")).default("systemd"),
    listen: z.array(text("a socket")).default([]),
    archive: archive.optional(),
  }),
} satisfies Record<LabName, z.ZodObject>;

/** All settings of a stack. */
export const Settings = z.strictObject({
  labs: z
    .array(z.enum(LAB_NAMES), expected(`a list of labs such as [${LAB_NAMES[0]}]`))
    .min(1, { error: "expected at least one lab" })
    .refine((labs) => new Set(labs).size === labs.length, { error: "expected each lab once" })
    .default([...DEFAULT_LABS]),
  publishAddress: z
    .ipv4(expected("an IPv4 address of this host"))
    .superRefine(usable((address) => (address === EVERY_ADDRESS ? undefined : machineProblem(address))))
    .default("127.0.0.1"),
  ports: LAB_SETTINGS.ports.default({}),
  counter: LAB_SETTINGS.counter.default({}),
  namespaces: LAB_SETTINGS.namespaces.prefault({}),
  bridge: LAB_SETTINGS.bridge.default({}),
  links: LAB_SETTINGS.links.default({}),
  isolation: LAB_SETTINGS.isolation.default({}),
  overlay: LAB_SETTINGS.overlay.prefault({}),
  hosts: z
    .array(host, expected("a list of hosts"))
    .max(MACHINES.most, { error: "expected at most 7 hosts" })
    .refine((hosts) => new Set(hosts.map(({ name }) => name)).size === hosts.length, {
      error: "expected each name once",
    })
    .refine((hosts) => new Set(hosts.map(({ address }) => address)).size === hosts.length, {
      error: "expected each address once",
    })
    .default([]),
});

/** The settings that there are at a place in the settings, such as `hosts.1`. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const place = path.filter((part) => typeof part === "string").join(".");
  const maps: Readonly<Record<string, z.ZodObject>> = {
    ...LAB_SETTINGS,
    "": Settings,
    hosts: host,
    "hosts.jump": jump,
    "overlay.archive": archive,
    "overlay.archive.sha256": sha256,
  };
  return Object.keys(maps[place]?.shape ?? {});
}

export type HostSettings = z.infer<typeof host>;
export type OverlaySettings = z.infer<typeof LAB_SETTINGS.overlay>;
