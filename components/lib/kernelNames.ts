/** Bytes that the kernel has for the name of an interface: IFNAMSIZ less the byte that ends it (netdevice(7)). */
const INTERFACE_BYTES = 15;
/** Bytes of a file name (NAME_MAX): a network namespace is a file in /run/netns. */
const NAMESPACE_BYTES = 255;

/** What is wrong with the name of a network interface; undefined when the kernel takes it. */
export const interfaceNameProblem = (name: string): string | undefined =>
  fits(name, INTERFACE_BYTES)
    ? undefined
    : `expected an interface name of 1 to ${INTERFACE_BYTES} bytes without spaces, slashes and colons, got ${JSON.stringify(name)}`;

/** What is wrong with the name of a network namespace; undefined when `ip netns` takes it. */
export const namespaceNameProblem = (name: string): string | undefined =>
  fits(name, NAMESPACE_BYTES)
    ? undefined
    : `expected a namespace name of 1 to ${NAMESPACE_BYTES} bytes without spaces, slashes and colons, got ${JSON.stringify(name)}`;

/** A name that starts with a hyphen would be read as an option. */
const fits = (name: string, bytes: number) =>
  /^[^\s/:-][^\s/:]*$/.test(name) && name !== "." && name !== ".." && Buffer.byteLength(name) <= bytes;
