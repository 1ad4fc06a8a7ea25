import { isAddress, isInside, overlap } from "./cidr.ts";

/** The private ranges: routers of the Internet pass none of them on (RFC 1918, section 3). */
export const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

/** Ranges beside them whose addresses nobody has on the Internet: carrier-grade NAT and benchmarks (RFC 6890). */
const SHARED = ["100.64.0.0/10", "198.18.0.0/15"] as const;

export const LOOPBACK = "127.0.0.0/8";

/** Ranges that no network can have, or that have a meaning of their own; RFC 6890 lists most of them. */
const RESERVED = [
  ["0.0.0.0/8", '"this network"', "RFC 6890"],
  [LOOPBACK, "loopback", "RFC 6890"],
  ["169.254.0.0/16", "link-local addresses", "RFC 6890"],
  ["192.0.0.0/24", "protocol assignments", "RFC 6890"],
  ["192.0.2.0/24", "documentation", "RFC 6890"],
  ["192.88.99.0/24", "6to4 relays", "RFC 6890"],
  ["198.51.100.0/24", "documentation", "RFC 6890"],
  ["203.0.113.0/24", "documentation", "RFC 6890"],
  ["224.0.0.0/4", "multicast", "RFC 5771"],
  ["240.0.0.0/4", "future use and broadcast", "RFC 6890"],
] as const;

const asBlock = (addresses: string): string => (isAddress(addresses) ? `${addresses}/32` : addresses);

/** What is wrong with a block, or an address, that shares addresses with a reserved range; undefined otherwise. */
export function reservedProblem(addresses: string): string | undefined {
  const found = RESERVED.find(([range]) => overlap(range, asBlock(addresses)));
  return found && `${addresses} cannot be used: ${found[0]} is reserved for ${found[1]} (${found[2]})`;
}

/** Whether hosts of the Internet may have addresses of a block, or an address. */
export function isPublic(addresses: string): boolean {
  const [first = ""] = addresses.split("/");
  return ![...PRIVATE, ...SHARED, LOOPBACK, "0.0.0.0/32"].some(
    (range) => isInside(range, first) && bits(range) <= bits(asBlock(addresses)),
  );
}

const bits = (block: string): number => Number(block.split("/")[1]);
