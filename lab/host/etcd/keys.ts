import { createHash } from "node:crypto";
import * as z from "zod";
import { parsed } from "../readJson.ts";

/** A key of an etcd cluster. Keys that expire are excluded: they change all the time. */
export const EtcdKey = z.strictObject({
  api: z.enum(["v2", "v3"]),
  /** The key; base64 for the v3 API. */
  key: z.string(),
  /** Index (v2) or revision (v3) of its last change. */
  index: z.int(),
  /** SHA-256 of its value. */
  value: z.string(),
});
export type EtcdKey = z.infer<typeof EtcdKey>;

/** A key or directory in a response of the v2 API. */
export interface Node {
  readonly key?: string | undefined;
  readonly dir?: boolean | undefined;
  readonly value?: string | undefined;
  readonly sha256?: string | undefined;
  readonly modifiedIndex?: number | undefined;
  readonly expiration?: string | undefined;
  readonly nodes?: readonly Node[] | undefined;
}
export const Node: z.ZodType<Node> = z.object({
  key: z.string().optional(),
  dir: z.boolean().optional(),
  value: z.string().optional(),
  sha256: z.string().optional(),
  modifiedIndex: z.int().optional(),
  expiration: z.string().optional(),
  get nodes() {
    return z.array(Node).optional();
  },
});
const V2 = z.object({ node: Node });
const V3 = z.object({
  kvs: z
    .array(
      z.object({
        key: z.string(),
        mod_revision: z.int(),
        value: z.string().optional(),
        sha256: z.string().optional(),
        lease: z.int().default(0),
      }),
    )
    .default([]),
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The SHA-256 of a value, which a host with python3 sends in place of the value. */
const hashOf = (found: { readonly value?: string | undefined; readonly sha256?: string | undefined }): string =>
  found.sha256 ?? sha256(found.value ?? "");

/** Reads the keys in the responses of both APIs; undefined if one is not a valid response. */
export function readKeys(v2: string | undefined, v3: string | undefined): EtcdKey[] | undefined {
  const [old, current] = [V2.safeParse(parsed(v2)), V3.safeParse(parsed(v3))];
  if (!old.success || !current.success) return undefined;
  const revisions = current.data.kvs
    .filter(({ lease }) => lease === 0)
    .map((found): EtcdKey => ({ api: "v3", key: found.key, index: found.mod_revision, value: hashOf(found) }));
  const kept = leaves(old.data.node, ({ expiration }) => expiration === undefined).map(
    (found): EtcdKey => ({
      api: "v2",
      key: found.key ?? "",
      index: found.modifiedIndex ?? 0,
      value: hashOf(found),
    }),
  );
  return [...kept, ...revisions];
}

/** Returns the keys below a node. An empty directory is a leftover of something deleted. */
export function leaves(node: Node, isKept: (node: Node) => boolean = () => true): Node[] {
  if (!isKept(node)) return [];
  return node.dir ? (node.nodes ?? []).flatMap((each) => leaves(each, isKept)) : [node];
}

/** Number of keys of each API, and a hash of them. */
export const Digest = z.strictObject({ v2: z.int(), v3: z.int(), sha256: z.string() });
export type Digest = z.infer<typeof Digest>;

const nameOf = ({ api, key }: EtcdKey): string => `${api} ${key}`;
const lineOf = (key: EtcdKey): string => `${nameOf(key)} ${key.index} ${key.value}`;

export const digestOf = (keys: readonly EtcdKey[]): Digest => ({
  v2: keys.filter(({ api }) => api === "v2").length,
  v3: keys.filter(({ api }) => api === "v3").length,
  sha256: sha256(keys.map(lineOf).sort().join("\n")),
});

/** Formats a digest. */
export const inKeys = ({ v2, v3 }: Digest): string => `${v2} keys of the v2 API and ${v3} of the v3 API`;

/** Formats a key for display: those of the v3 API as text. */
export const readableKey = ({ api, key }: EtcdKey): string =>
  api === "v2" ? key : JSON.stringify(Buffer.from(key, "base64").toString("utf8"));

/** Returns the keys of `some` that `all` lacks, or has with another value or index. */
export function differences(some: readonly EtcdKey[], all: readonly EtcdKey[]): EtcdKey[] {
  const known = new Set(all.map(lineOf));
  return some.filter((key) => !known.has(lineOf(key)));
}

/** Returns the keys of `some` that `all` lacks, or has with another value. */
export function changes(some: readonly EtcdKey[], all: readonly EtcdKey[]): EtcdKey[] {
  const known = new Map(all.map((key) => [nameOf(key), key.value]));
  return some.filter((key) => known.get(nameOf(key)) !== key.value);
}

/**
 * Returns what is wrong with a copy of a cluster's keys; undefined if nothing is. The copy was made between two
 * listings of the cluster: it must have the keys that both list, and none that neither lists.
 */
export function copyProblem(
  copy: readonly EtcdKey[],
  before: readonly EtcdKey[],
  after: readonly EtcdKey[],
): string | undefined {
  const changed = new Set(differences(before, after));
  const steady = before.filter((key) => !changed.has(key));
  const [missing] = differences(steady, copy);
  if (missing) return `it lacks the key ${readableKey(missing)}, or has another value of it`;
  const names = new Set([...before, ...after].map(nameOf));
  const strange = copy.find((key) => !names.has(nameOf(key)));
  return strange && `it has the key ${readableKey(strange)}, which the cluster does not have`;
}
