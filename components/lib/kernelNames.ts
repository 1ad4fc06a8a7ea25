/** Maximum length of an interface name, in bytes: IFNAMSIZ without the terminating null byte (netdevice(7)). */
const INTERFACE_BYTES = 15;
/** Maximum length of a namespace name, in bytes: it is a file name in /run/netns (NAME_MAX). */
const NAMESPACE_BYTES = 255;

/** An error message if the kernel does not accept an interface name; undefined otherwise. */
export const interfaceNameProblem = (name: string): string | undefined =>
  fits(name, INTERFACE_BYTES)
    ? undefined
    : `expected an interface name of 1 to ${INTERFACE_BYTES} bytes without spaces, slashes and colons, got ${JSON.stringify(name)}`;

/** An error message if `ip netns` does not accept a namespace name; undefined otherwise. */
export const namespaceNameProblem = (name: string): string | undefined =>
  fits(name, NAMESPACE_BYTES)
    ? undefined
    : `expected a namespace name of 1 to ${NAMESPACE_BYTES} bytes without spaces, slashes and colons, got ${JSON.stringify(name)}`;

/** Names must not start with a hyphen, or commands would parse them as options. */
const fits = (name: string, bytes: number) =>
  /^[^\s/:-][^\s/:]*$/.test(name) && name !== "." && name !== ".." && Buffer.byteLength(name) <= bytes;
