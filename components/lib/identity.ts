import { createHash } from "node:crypto";
import { subBlock } from "./cidr.ts";

/** The identity of an environment on a host: Pulumi project and stack. */
export interface Identity {
  readonly project: string;
  readonly stack: string;
}

/** The environment that uses the tutorial's names; all others prefix them with project and stack. */
const TUTORIAL_STACK = "practice";

/** Block for the derived subnets: the upper half of 10.0.0.0/8 (RFC 1918), which does not overlap Docker's pools. */
const SUBNET_POOL = "10.128.0.0/9";
const BLOCKS = 2 ** (20 - 9);
/** Range of the derived ports: below 32768, the start of Linux's ephemeral ports (ip(7)). */
const FIRST_PORT = 20_000;
const PORTS_PER_STACK = 16;
const PORT_BLOCKS = 750;

const slotOf = ({ project, stack }: Identity, slots: number): number =>
  createHash("sha256").update(`${project}/${stack}`).digest().readUInt32BE(0) % slots;

/** The name of a container, network or volume on the engine: `base` in the practice environment, else with a prefix. */
export const objectName = (identity: Identity, base: string): string =>
  identity.stack === TUTORIAL_STACK ? base : `${identity.project}-${identity.stack}-${base}`;

/**
 * The name of an interface on the host: `base` in the practice environment, else its first 8 bytes and a hash, because
 * the kernel allows 15 bytes (netdevice(7)).
 */
export const interfaceName = (identity: Identity, base: string): string =>
  identity.stack === TUTORIAL_STACK
    ? base
    : `${base.slice(0, 8)}-${createHash("sha256").update(`${identity.project}/${identity.stack}/${base}`).digest("hex").slice(0, 6)}`;

/** Default /24 subnet of lab number `lab` (0 to 15) of an environment. */
export const defaultSubnet = (identity: Identity, lab: number): string =>
  subBlock(subBlock(SUBNET_POOL, 20, slotOf(identity, BLOCKS)), 24, lab);

/** Default host port of lab number `lab` (0 to 15) of an environment. */
export const defaultPort = (identity: Identity, lab: number): number =>
  FIRST_PORT + slotOf(identity, PORT_BLOCKS) * PORTS_PER_STACK + lab;

/** `PROJECT/STACK`: the owner mark on things that cannot carry labels. */
export const ownerOf = ({ project, stack }: Identity): string => `${project}/${stack}`;

/** Labels that mark an object's owner; teardown and the search for orphans use them. */
export const stackLabels = ({ project, stack }: Identity): Record<string, string> => ({
  "dockernet.project": project,
  "dockernet.stack": stack,
});

/** Owner labels plus the object's lab. */
export const ownerLabels = (identity: Identity, lab: string): Record<string, string> => ({
  ...stackLabels(identity),
  "dockernet.lab": lab,
});
