import type * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { overlayCheckSchemas } from "./overlayCheckSchemas.ts";
import { swarmCheckSchemas } from "./swarmCheckSchemas.ts";

/** Fields of every check. */
const common = {
  /** The row and a word, unique within the environment, for example `8.3-dns`. */
  id: z.string(),
  /** Row of the tutorial that the check proves, for example `8.3`. */
  row: z.string(),
  /** The lab that it belongs to. */
  lab: z.string(),
  /** What is true when it passes, in a sentence without a full stop. */
  title: z.string(),
};

/** The host that a container or namespace is on, by its name; left out, the one that runs `lab`. */
const on = z.string().optional();
const InContainer = z.strictObject({ container: z.string(), on });

/** Where a probe starts: a host, inside a container, or inside a network namespace. */
export const Source = z.union([
  z.literal("host"),
  z.strictObject({ host: z.string() }),
  InContainer,
  z.strictObject({ namespace: z.string(), on }),
]);
export type Source = z.infer<typeof Source>;

/**
 * What a probe is aimed at: a container or the bridge of a network, by the address it has at that moment, or a fixed
 * address or name.
 */
export const Target = z.union([
  InContainer,
  z.strictObject({ gateway: z.string() }),
  /** `of` names the container that keeps the address: without it some other host's would be probed. */
  z.strictObject({ address: z.string(), of: z.string().optional() }),
]);
export type Target = z.infer<typeof Target>;

/** A fact about a running environment that `lab verify` can prove from outside, or find broken. */
export const Check = z.discriminatedUnion("kind", [
  ...overlayCheckSchemas(common),
  ...swarmCheckSchemas(common),
  z.strictObject({
    ...common,
    kind: z.literal("ping"),
    from: Source,
    to: Target,
    /**
     * Bytes of data in the packet.
     * @default - ping's own, 56
     */
    size: z.int().optional(),
    expect: z.enum(["reply", "silence"]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("interface"),
    at: Source,
    interface: z.string(),
    /** `absent`: there is no such interface. `up`: so is its other end; the address, with prefix length, is its only IPv4 one. */
    expect: z.union([
      z.strictObject({ state: z.literal("absent") }),
      z.strictObject({ state: z.literal("up"), address: z.string() }),
    ]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("interfaces"),
    at: Source,
    /** The names of all interfaces, or `host`: the same as those of the host. */
    expect: z.union([z.array(z.string()), z.literal("host")]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("stack"),
    at: InContainer,
    /** Whether the container's network namespace is its own, or the host's. */
    expect: z.enum(["own", "host"]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("bridged"),
    container: z.string(),
    /** The network whose bridge has the other end of the container's eth0 among its ports. */
    network: z.string(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("macvlan"),
    container: z.string(),
    /** The interface of the host that is the parent of the container's eth0. */
    parent: z.string(),
    /** The mode of eth0 (ip-link(8)). Its MAC address must be another one than the parent's. */
    expect: z.enum(["bridge", "private", "vepa"]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("attached"),
    container: z.string(),
    /** The network that lists the container, and the only one. */
    network: z.string(),
    expect: z.enum(["address", "no address"]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("driver"),
    at: InContainer,
    /** Driver of the container's network: `bridge`, `host`, `null`, `overlay` or `macvlan`. */
    expect: z.string(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("private"),
    /** The container whose address must be in a private range (RFC 1918), and which leaves through NAT. */
    container: z.string(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("tcp"),
    from: Source,
    to: Target,
    port: z.int(),
    expect: z.enum(["open", "closed"]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("http"),
    from: Source,
    to: Target,
    port: z.int(),
    /** Regular expression that the body of the 200 answer to `GET /` matches. */
    expect: z.string(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("dns"),
    from: InContainer,
    name: z.string(),
    /** The container whose address the name must give, or `unknown`: the name must not resolve. */
    expect: z.union([InContainer, z.literal("unknown")]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("published"),
    container: z.string(),
    /** Every port that the host answers on for the container, as `ADDRESS:PORT->PORT/tcp`. */
    expect: z.array(z.string()),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("environment"),
    container: z.string(),
    variable: z.string(),
    expect: z.string(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("counts"),
    to: Target,
    port: z.int(),
    /** How many GETs are made at once; the numbers answered must be that many, without a gap unless others visit, too. */
    requests: z.int(),
  }),
]);
export type Check = z.infer<typeof Check>;

/** A check as a lab states it: row and lab are filled in from its id and from the lab that it is in. */
export type LabCheck = Check extends infer C ? (C extends Check ? Omit<C, "row" | "lab"> : never) : never;

/** An SSH server with its pinned host key, and who logs in. */
const access = {
  address: z.string(),
  port: z.int(),
  user: z.string(),
  /** Without one the ssh agent at SSH_AUTH_SOCK has the key. */
  keyFile: z.string().optional(),
  hostKey: z.string(),
};

/** How the lab command gets into a jump host, through which another host is reached. */
export const JumpAccess = z.strictObject(access);
export type JumpAccess = z.infer<typeof JumpAccess>;

/** How the lab command gets into a host of the environment. */
export const HostAccess = z.strictObject({
  ...access,
  /** Without one the host is reached straight. */
  jump: JumpAccess.optional(),
  sudo: z.boolean(),
  /** Factor for time limits; without one 1. */
  slowness: z.number().min(1).optional(),
});
export type HostAccess = z.infer<typeof HostAccess>;

/** What a lab hands back beside its resources, which are in the topology by themselves. */
export interface LabOutputs {
  /**
   * The hosts of the lab, by name.
   * @default - none but the one that runs Pulumi
   */
  readonly hosts?: Readonly<Record<string, pulumi.Input<HostAccess>>>;
  /** Addresses for people, by a name of what answers there. */
  readonly urls: Readonly<Record<string, string>>;
  readonly checks: readonly LabCheck[];
  /**
   * Members, quorum and tolerated failures of its etcd cluster, in words: a preview shows what a change does to them.
   * @default - it has no cluster
   */
  readonly quorum?: pulumi.Input<string>;
}

/** A lab's checks, with its name and their rows. */
export const checksOf = (lab: string, checks: readonly LabCheck[]): Check[] =>
  checks.map((check) => ({ ...check, lab, row: check.id.replace(/-.*/, "") }));
