import { isInside } from "../../components/lib/cidr.ts";
import { PRIVATE } from "../../components/lib/ranges.ts";

/** Returns the private range of an address; undefined if the address is not private. */
export const privateRange = (address: string): string | undefined => PRIVATE.find((range) => isInside(range, address));

/** Ranges with a special meaning (RFC 6890). */
const SPECIAL = [
  ["127.0.0.0/8", "a loopback address: the host itself, whichever it is"],
  ["169.254.0.0/16", "a link-local address: valid on one cable only"],
  ["224.0.0.0/4", "a multicast address: many hosts at once"],
] as const;

/** Describes the class of an address. */
export function addressClass(address: string): string {
  const range = privateRange(address);
  if (range) return `a private address, of ${range} (RFC 1918): the outside sees another one in its place, by NAT`;
  const special = SPECIAL.find(([block]) => isInside(block, address));
  return special ? special[1] : "a public address";
}
