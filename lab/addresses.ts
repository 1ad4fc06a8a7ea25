import { isInside } from "../components/lib/cidr.ts";

/** The private ranges: routers of the Internet pass none of them on (RFC 1918, section 3). */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** The private range that an address is in; undefined for any other address. */
export const privateRange = (address: string): string | undefined => PRIVATE.find((range) => isInside(range, address));
