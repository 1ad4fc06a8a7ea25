import { createHash } from "node:crypto";
import { subBlock } from "./cidr.ts";

/** What tells one environment from every other on a host: the Pulumi project and the stack. */
export interface Identity {
  readonly project: string;
  readonly stack: string;
}

/** The environment that keeps the tutorial's own names; every other one puts project and stack before them. */
const TUTORIAL_STACK = "practice";

/** Blocks that environments draw their subnets from: the upper half of 10.0.0.0/8 (RFC 1918), away from Docker's pools. */
const SUBNET_POOL = "10.128.0.0/9";
const BLOCKS = 2 ** (20 - 9);
/** Ports that environments draw from: below 32768, where Linux starts to hand out ephemeral ports (ip(7)). */
const FIRST_PORT = 20_000;
const PORTS_PER_STACK = 16;
const PORT_BLOCKS = 750;

const slotOf = ({ project, stack }: Identity, slots: number): number =>
  createHash("sha256").update(`${project}/${stack}`).digest().readUInt32BE(0) % slots;

/** The name of a container, network or volume on the engine: `base` for the practice environment, else prefixed. */
export const objectName = (identity: Identity, base: string): string =>
  identity.stack === TUTORIAL_STACK ? base : `${identity.project}-${identity.stack}-${base}`;

/**
 * The name of an interface of the host: `base` for the practice environment, else its first 8 bytes and a hash, since
 * the kernel has room for 15 (netdevice(7)).
 */
export const interfaceName = (identity: Identity, base: string): string =>
  identity.stack === TUTORIAL_STACK
    ? base
    : `${base.slice(0, 8)}-${createHash("sha256").update(`${identity.project}/${identity.stack}/${base}`).digest("hex").slice(0, 6)}`;

/** The /24 that lab number `lab` (0 to 15) of this environment uses unless its settings name another. */
export const defaultSubnet = (identity: Identity, lab: number): string =>
  subBlock(subBlock(SUBNET_POOL, 20, slotOf(identity, BLOCKS)), 24, lab);

/** The host port that lab number `lab` (0 to 15) of this environment publishes unless its settings name another. */
export const defaultPort = (identity: Identity, lab: number): number =>
  FIRST_PORT + slotOf(identity, PORT_BLOCKS) * PORTS_PER_STACK + lab;

/** Who an environment is, in a word: the mark on what carries no labels. */
export const ownerOf = ({ project, stack }: Identity): string => `${project}/${stack}`;

/** Labels that say whose an object is: teardown and the leftover search go by them. */
export const stackLabels = ({ project, stack }: Identity): Record<string, string> => ({
  "dockernet.project": project,
  "dockernet.stack": stack,
});

/** The same, and the lab that the object is of. */
export const ownerLabels = (identity: Identity, lab: string): Record<string, string> => ({
  ...stackLabels(identity),
  "dockernet.lab": lab,
});
