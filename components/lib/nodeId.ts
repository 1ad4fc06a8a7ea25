/** The parts of a topology node's id. */
export interface NodeId {
  /** Kind of the node, such as `container` or `network`; never contains a colon. */
  readonly kind: string;
  /** Its name on the engine or in the kernel; empty for the host that runs Pulumi. */
  readonly name: string;
  /** Name of its host; undefined for nodes on the host that runs Pulumi, and for hosts. */
  readonly on: string | undefined;
}

/**
 * The id of a topology node: `KIND:NAME`, followed by `@HOST` if it is on a host. Names may contain colons, as those of
 * ports do. The kernel and old engines accept names with `@`, which is escaped as `%40` in an id; `%` is escaped as
 * `%25`.
 */
export const nodeId = (kind: string, name: string, on: string | undefined): string =>
  `${kind}:${escaped(name)}${on === undefined ? "" : `@${escaped(on)}`}`;

/** Parses an id from {@link nodeId}. */
export function parseNodeId(id: string): NodeId {
  const [, kind = "", name = "", on] = /^([^:]*):([^@]*)(?:@(.*))?$/s.exec(id) ?? [];
  return { kind, name: unescaped(name), on: on === undefined ? undefined : unescaped(on) };
}

/** The id of a host, by its name; undefined for the host that runs Pulumi. */
export const hostId = (host: string | undefined): string => nodeId("host", host ?? "", undefined);

/** Name of the host that a node is, or is on; undefined for the host that runs Pulumi. */
export function hostOf(id: string): string | undefined {
  const { kind, name, on } = parseNodeId(id);
  return kind === "host" ? name || undefined : on;
}

const escaped = (text: string): string => text.replace(/[%@]/g, encodeURIComponent);
const unescaped = (text: string): string => text.replace(/%(25|40)/g, decodeURIComponent);
