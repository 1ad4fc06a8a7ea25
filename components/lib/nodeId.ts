/** What has a place in the picture of an environment, as its id tells it. */
export interface NodeId {
  /** `container`, `network` and others; no kind has a colon in it. */
  readonly kind: string;
  /** What the engine or the kernel calls it; empty for the host that runs Pulumi. */
  readonly name: string;
  /** Name of the host that it is on; undefined for what is on the one that runs Pulumi, and for hosts. */
  readonly on: string | undefined;
}

/**
 * The id of a node of a topology: `KIND:NAME`, and `@HOST` behind it for what is on a host. Names may have colons in them,
 * as those of ports do. The kernel and old engines take names with an `@`, which is `%40` in an id, as a `%` is `%25`.
 */
export const nodeId = (kind: string, name: string, on: string | undefined): string =>
  `${kind}:${escaped(name)}${on === undefined ? "" : `@${escaped(on)}`}`;

/** Reads an id that {@link nodeId} has made. */
export function parseNodeId(id: string): NodeId {
  const [, kind = "", name = "", on] = /^([^:]*):([^@]*)(?:@(.*))?$/s.exec(id) ?? [];
  return { kind, name: unescaped(name), on: on === undefined ? undefined : unescaped(on) };
}

/** The id of a host, by its name; undefined is the one that runs Pulumi. */
export const hostId = (host: string | undefined): string => nodeId("host", host ?? "", undefined);

/** The name of the host that a node is, or is on; undefined is the one that runs Pulumi. */
export function hostOf(id: string): string | undefined {
  const { kind, name, on } = parseNodeId(id);
  return kind === "host" ? name || undefined : on;
}

const escaped = (text: string): string => text.replace(/[%@]/g, encodeURIComponent);
const unescaped = (text: string): string => text.replace(/%(25|40)/g, decodeURIComponent);
