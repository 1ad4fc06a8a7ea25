/** An IPv4 block: first address, last address and prefix length. */
interface Block {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** Maximum length of a wrong value in an error message, in characters. */
const LONGEST = 60;

/** Converts `"10.0.0.1"` to a number; undefined if it is not an IPv4 address in dotted-decimal form. */
function toNumber(address: string): number | undefined {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(address)) return undefined;
  const octets = address.split(".").map(Number);
  return octets.every((octet) => octet <= 255) ? octets.reduce((sum, octet) => sum * 256 + octet, 0) : undefined;
}

/** Whether a value is an IPv4 address in dotted-decimal form. */
export const isAddress = (address: string): boolean => toNumber(address) !== undefined;

const toAddress = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join(".");

/** Parses an IPv4 block in CIDR notation (RFC 4632); throws unless all host bits are zero. */
export function parseCidr(cidr: string): Block {
  const [address = "", bits = "", ...rest] = cidr.split("/");
  const first = toNumber(address);
  const prefix = /^\d{1,2}$/.test(bits) ? Number(bits) : -1;
  if (first === undefined || rest.length > 0 || prefix < 0 || prefix > 32) {
    throw new Error(`expected an IPv4 block such as 172.20.8.0/24, got ${JSON.stringify(cidr.slice(0, LONGEST))}`);
  }
  const size = 2 ** (32 - prefix);
  const start = first - (first % size);
  if (start !== first) throw new Error(`expected the block's own address ${toAddress(start)}/${prefix}, got ${cidr}`);
  return { first, last: first + size - 1, prefix };
}

/**
 * The `index`-th host address of a block, counted from 1; throws if the block has none. Docker gives the first to the
 * bridge.
 */
export function hostAddress(cidr: string, index: number): string {
  const { first, last } = parseCidr(cidr);
  if (!Number.isInteger(index) || index < 1 || first + index >= last) throw new Error(`${cidr} has no host ${index}`);
  return toAddress(first + index);
}

/** An error message if a block has no `index`-th host address; undefined otherwise. */
export function hostProblem(cidr: string, index: number): string | undefined {
  try {
    hostAddress(cidr, index);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether a host of the block can have `address`: inside, and neither the first nor the last. */
export function isHostOf(cidr: string, address: string): boolean {
  const { first, last } = parseCidr(cidr);
  const n = toNumber(address);
  return n !== undefined && n > first && n < last;
}

/** Whether a block contains an address. */
export function isInside(cidr: string, address: string): boolean {
  const { first, last } = parseCidr(cidr);
  const n = toNumber(address);
  return n !== undefined && n >= first && n <= last;
}

/** The block of an address with prefix length: `192.168.1.0/24` for `192.168.1.1/24`. */
export function networkOf(addressWithPrefix: string): string {
  const [address = "", bits = "", ...rest] = addressWithPrefix.split("/");
  const n = toNumber(address);
  const prefix = /^\d{1,2}$/.test(bits) ? Number(bits) : -1;
  if (n === undefined || rest.length > 0 || prefix < 0 || prefix > 32) {
    throw new Error(
      `expected an IPv4 address with prefix length such as 192.168.1.1/24, got ${JSON.stringify(addressWithPrefix.slice(0, LONGEST))}`,
    );
  }
  return `${toAddress(n - (n % 2 ** (32 - prefix)))}/${prefix}`;
}

/** An address without its prefix length. */
export const withoutPrefix = (addressWithPrefix: string): string => addressWithPrefix.replace(/\/.*/, "");

/**
 * An error message unless two addresses with prefix length, for the ends of a veth pair, are two hosts of one block.
 */
export function cableProblem([one, other]: readonly [string, string]): string | undefined {
  try {
    const [network, second] = [networkOf(one), networkOf(other)];
    const stranger = [one, other].find((each) => !isHostOf(network, withoutPrefix(each)));
    if (network !== second) return `expected two addresses of one block, got ${one} and ${other}`;
    if (stranger !== undefined) return `expected a host of ${network}, got ${stranger}`;
    return one === other ? `expected two different addresses, got ${one} twice` : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether two blocks share an address. */
export function overlap(a: string, b: string): boolean {
  const [x, y] = [parseCidr(a), parseCidr(b)];
  return x.first <= y.last && y.first <= x.last;
}

/** The `index`-th block of `prefix` bits inside `cidr`, counted from 0. */
export function subBlock(cidr: string, prefix: number, index: number): string {
  const { first, last } = parseCidr(cidr);
  const start = first + index * 2 ** (32 - prefix);
  if (start + 2 ** (32 - prefix) - 1 > last) throw new Error(`${cidr} has no /${prefix} block ${index}`);
  return `${toAddress(start)}/${prefix}`;
}
