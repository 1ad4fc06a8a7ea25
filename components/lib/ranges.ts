import { isAddress, isInside, overlap } from "./cidr.ts";

/** Private ranges, which Internet routers do not forward (RFC 1918, section 3). */
export const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

/** Further ranges without public addresses: carrier-grade NAT and benchmarking (RFC 6890). */
const SHARED = ["100.64.0.0/10", "198.18.0.0/15"] as const;

export const LOOPBACK = "127.0.0.0/8";

/** Reserved ranges, which no network can use; most are listed in RFC 6890. */
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

/** An error message if a block or address overlaps a reserved range; undefined otherwise. */
export function reservedProblem(addresses: string): string | undefined {
  const found = RESERVED.find(([range]) => overlap(range, asBlock(addresses)));
  return found && `${addresses} cannot be used: ${found[0]} is reserved for ${found[1]} (${found[2]})`;
}

/** Whether a block or address contains public addresses. */
export function isPublic(addresses: string): boolean {
  const [first = ""] = addresses.split("/");
  return ![...PRIVATE, ...SHARED, LOOPBACK, "0.0.0.0/32"].some(
    (range) => isInside(range, first) && bits(range) <= bits(asBlock(addresses)),
  );
}

const bits = (block: string): number => Number(block.split("/")[1]);
