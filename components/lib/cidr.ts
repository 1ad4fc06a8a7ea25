import { Address4 } from "ip-address";

/** Maximum length of a wrong value in an error message, in characters. */
const LONGEST = 60;

/** Number of addresses in a block. */
const sizeOf = (prefix: number): number => 2 ** (32 - prefix);

/** Whether a value is an IPv4 address in dotted-decimal form. */
export const isAddress = (address: string): boolean => !address.includes("/") && Address4.isValid(address);

/** Parses an address with its prefix length; undefined for any other text. */
const parse = (text: string): Address4 | undefined =>
  text.includes("/") && Address4.isValid(text) ? new Address4(text) : undefined;

const shown = (text: string): string => JSON.stringify(text.slice(0, LONGEST));

/** Parses an IPv4 block in CIDR notation (RFC 4632); throws unless all host bits are zero. */
export function parseCidr(cidr: string): Address4 {
  const block = parse(cidr);
  if (!block) throw new Error(`expected an IPv4 block such as 172.20.8.0/24, got ${shown(cidr)}`);
  if (block.correctForm() === block.startAddress().correctForm()) return block;
  throw new Error(`expected the block's own address ${block.networkForm()}, got ${cidr}`);
}

/**
 * The `index`-th host address of a block, counted from 1; throws if the block has none. Docker gives the first to the
 * bridge.
 */
export function hostAddress(cidr: string, index: number): string {
  const block = parseCidr(cidr);
  const isHost = Number.isInteger(index) && index >= 1 && index < sizeOf(block.subnetMask) - 1;
  if (!isHost) throw new Error(`${cidr} has no host ${index}`);
  return block.offset(index).correctForm();
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
  const block = parseCidr(cidr);
  const ends = [block.startAddress(), block.endAddress()].map((end) => end.correctForm());
  return isInside(cidr, address) && !ends.includes(address);
}

/** Whether a block contains an address. */
export function isInside(cidr: string, address: string): boolean {
  const block = parseCidr(cidr);
  return isAddress(address) && new Address4(address).isInSubnet(block);
}

/** The block of an address with prefix length: `192.168.1.0/24` for `192.168.1.1/24`. */
export function networkOf(addressWithPrefix: string): string {
  const block = parse(addressWithPrefix)?.networkForm();
  if (block !== undefined) return block;
  throw new Error(
    `expected an IPv4 address with prefix length such as 192.168.1.1/24, got ${shown(addressWithPrefix)}`,
  );
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
  return x.isInSubnet(y) || y.isInSubnet(x);
}

/** Whether all addresses of the block `part` are in the block `whole`. */
export const isPartOf = (whole: string, part: string): boolean => parseCidr(part).isInSubnet(parseCidr(whole));

/** The `index`-th block of `prefix` bits inside `cidr`, counted from 0. */
export function subBlock(cidr: string, prefix: number, index: number): string {
  const [block, size] = [parseCidr(cidr), sizeOf(prefix)];
  if ((index + 1) * size > sizeOf(block.subnetMask)) throw new Error(`${cidr} has no /${prefix} block ${index}`);
  return `${block.offset(index * size).correctForm()}/${prefix}`;
}
