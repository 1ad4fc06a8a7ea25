import * as z from "zod";
import {
  cableProblem,
  hostAddress,
  isAddress,
  isHostOf,
  isInside,
  parseCidr,
  withoutPrefix,
} from "../components/lib/cidr.ts";
import { LOOPBACK, reservedProblem } from "../components/lib/ranges.ts";
import { expected } from "./words.ts";

/** How many hosts the labs may have: a practice node each, or one of the user's. */
export const MOST_HOSTS = 7;
/** Of an address to listen on: every one of the host. */
export const EVERY_ADDRESS = "0.0.0.0";
/** The host that runs Pulumi, where a setting names one. */
export const LOCAL = "local";

export const block = (least: number, most: number) =>
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

/** What is wrong with an address of a host; a loopback address is one of every host. */
export const hostAddressProblem = (address: string): string | undefined =>
  isAddress(address) && !isInside(LOOPBACK, address) ? reservedProblem(address) : undefined;

export const usable =
  (problemOf: (address: string) => string | undefined) => (address: string, context: z.RefinementCtx) => {
    const problem = problemOf(address);
    if (problem) context.addIssue(problem);
  };

/** A network's block: Docker needs room for a bridge and a few containers. */
export const network = {
  subnet: block(8, 28).optional(),
  gateway: z.ipv4(expected("an IPv4 address")).optional(),
};

interface NetworkSettings {
  readonly subnet: string;
  /** The address of its bridge. */
  readonly gateway: string;
}

/** The settings of a lab's network, whose block is `share` and whose gateway is the first address unless they say otherwise. */
export function withNetwork(own: Partial<NetworkSettings>, share: string): NetworkSettings {
  const subnet = own.subnet ?? share;
  return { subnet, gateway: own.gateway ?? hostAddress(subnet, 1) };
}

export const networkProblems = ({ subnet, gateway }: NetworkSettings): string[] =>
  isHostOf(subnet, gateway) ? [] : [`gateway: expected a host of ${subnet}, got ${gateway}`];

export const port = z
  .int(expected("a whole number"))
  .min(1, expected("a port from 1 to 65535"))
  .max(65_535, expected("a port from 1 to 65535"))
  .optional();

const addressWithPrefix = z.string(expected("an IPv4 address with prefix length"));

export const cable = z
  .tuple([addressWithPrefix, addressWithPrefix], expected("two IPv4 addresses with prefix length"))
  .superRefine((addresses, context) => {
    const problem =
      cableProblem(addresses) ?? addresses.flatMap((each) => reservedProblem(withoutPrefix(each)) ?? [])[0];
    if (problem) context.addIssue(problem);
  })
  .readonly();

/** A text that is not empty. */
export const text = (what: string) => z.string(expected(what)).min(1, expected(what));

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

/** A host of the user's. What is left out comes from `sshConfig`, a file as in ssh_config(5), where that is given. */
export const host = z.strictObject({
  name: z.string(hostName).regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, hostName),
  address: z.ipv4(expected("an IPv4 address")).superRefine(usable(hostAddressProblem)),
  hostKey: z
    .string({ error: "expected the host's ed25519 host key, as ssh-keyscan -t ed25519 shows it" })
    .regex(...ED25519),
  user: text("a user").optional(),
  port,
  keyFile: text("the path of a private key").optional(),
  sshConfig: text("the path of a file").optional(),
  jump: jump.optional(),
  sudo: z.boolean().default(false),
  slowness: z
    .number(expected("a number from 1 to 20"))
    .min(1, expected("a number from 1 to 20"))
    .max(20, expected("a number from 1 to 20"))
    .default(1),
  gone: z.boolean().default(false),
});

export type HostSettings = z.infer<typeof host>;
