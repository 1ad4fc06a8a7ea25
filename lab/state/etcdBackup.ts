import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as z from "zod";
import { writeDurably } from "../../toolchain/copies.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { LabError } from "../cli/errors.ts";
import { packArchive, unpackArchive } from "../host/etcd/archive.ts";
import { Digest, digestOf, EtcdKey } from "../host/etcd/keys.ts";

/** Raft's snapshots and log, from which members start: both keyspaces. */
export const DATA = "data.tgz";
/** Output of `etcdctl snapshot save`, compressed: the v3 keyspace alone, for etcd's own tools. */
const SNAPSHOT = "snapshot.db.gz";
const KEYS = "keys.json";
const MANIFEST = "manifest.json";
const FORMAT = 1;

const Sum = z.strictObject({ bytes: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/** The manifest of a backup, its first file. */
const Manifest = z.strictObject({
  format: z.literal(FORMAT),
  environment: z.string(),
  /** When it was taken. */
  time: z.iso.datetime(),
  /** Version of etcd. */
  etcd: z.string(),
  /** Token of the cluster. */
  token: z.string(),
  /** Member from whose data it was taken. */
  source: z.string(),
  /** Peer URL of each member, by name. */
  members: z.record(z.string(), z.string()),
  keys: Digest,
  files: z.strictObject({ [DATA]: Sum, [SNAPSHOT]: Sum, [KEYS]: Sum }),
});
export type Manifest = z.infer<typeof Manifest>;

/** A copy of an etcd cluster. */
export interface Backup {
  readonly manifest: Manifest;
  /** All keys except those that expire. */
  readonly keys: readonly EtcdKey[];
  /** The folder `data` that `etcdctl backup` writes, as a compressed tar archive. */
  readonly data: Buffer;
}

/** Data taken from a cluster. */
export interface Taken extends Omit<Manifest, "format" | "keys" | "files"> {
  readonly keys: readonly EtcdKey[];
  readonly data: Buffer;
  readonly snapshot: Buffer;
}

const sumOf = (content: Buffer) => ({
  bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
});

/** Packs a backup into the content of its file. */
export function packBackup({ keys, data, snapshot, ...about }: Taken): Buffer {
  const list = Buffer.from(JSON.stringify(keys));
  const files = { [DATA]: sumOf(data), [SNAPSHOT]: sumOf(snapshot), [KEYS]: sumOf(list) };
  const manifest: Manifest = { format: FORMAT, ...about, keys: digestOf(keys), files };
  return packArchive(
    [
      { name: MANIFEST, content: Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`) },
      { name: DATA, content: data },
      { name: SNAPSHOT, content: snapshot },
      { name: KEYS, content: list },
    ],
    new Date(about.time),
  );
}

/** Reads a backup from a file's content; throws a LabError with the reason if it is not usable. */
export function unpackBackup(content: Buffer, file: string): Backup {
  const refuse = (why: string) => new LabError(`${file} is no usable backup: ${why}; take another file`);
  if (content.length === 0) throw refuse("it is empty");
  const files = unpackArchive(content);
  if (!files) throw refuse("it is not a tar archive, or it ends too early");
  const named = new Map(files.map((each) => [each.name, each.content]));
  const manifest = Manifest.safeParse(jsonOf(named.get(MANIFEST)));
  if (!manifest.success) throw refuse(`its ${MANIFEST} is missing, damaged or of another version of dockernet`);
  for (const [name, sum] of Object.entries(manifest.data.files)) {
    const found = named.get(name);
    if (!found) throw refuse(`it lacks ${name}`);
    const { bytes, sha256 } = sumOf(found);
    if (bytes !== sum.bytes || sha256 !== sum.sha256)
      throw refuse(`${name} is damaged: its SHA-256 is not the manifest's`);
  }
  const keys = z.array(EtcdKey).safeParse(jsonOf(named.get(KEYS)));
  if (!keys.success || digestOf(keys.data).sha256 !== manifest.data.keys.sha256) throw refuse(`${KEYS} is damaged`);
  const data = named.get(DATA) ?? Buffer.alloc(0);
  if (!isCompressed(data)) throw refuse(`${DATA} is damaged`);
  return { manifest: manifest.data, keys: keys.data, data };
}

function isCompressed(data: Buffer): boolean {
  try {
    return gunzipSync(data).length > 0;
  } catch {
    return false;
  }
}

function jsonOf(content: Buffer | undefined): unknown {
  try {
    return JSON.parse(content?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
}

/** Reads a backup; throws a LabError if the file is missing or not a backup. */
export function readBackup(file: string): Backup {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    throw new LabError(`${file} could not be read: ${(error as Error).message}`);
  }
  return unpackBackup(content, file);
}

/** Returns the folder with the backups of an environment. */
export const backupsFolder = (environment: string): string => join(PROJECT, ".dockernet", "backups", environment);

/** Returns the name of a backup in its folder: `etcd-2026-11-24T16-21-27Z.tar`. */
export const backupName = (time: Date): string =>
  `etcd-${time
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-")}.tar`;
const BACKUP_NAME = /^etcd-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.tar$/;

/** Writes a backup atomically, readable by its owner only; refuses a file that exists. */
export function writeBackup(file: string, content: Buffer): void {
  refuseExisting(file);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeDurably(file, content);
}

export function refuseExisting(file: string): void {
  if (existsSync(file)) throw new LabError(`${file} exists already; choose another file`);
}

/** Returns the backups among the files of a folder, oldest first. */
export const backups = (names: readonly string[]): string[] => names.filter((name) => BACKUP_NAME.test(name)).sort();

/** Removes all but the newest `keep` backups of a folder; returns the removed files. */
export function prune(folder: string, keep: number): string[] {
  const files = backups(readdirSync(folder))
    .slice(0, -keep)
    .map((name) => join(folder, name));
  for (const file of files) rmSync(file, { force: true });
  return files;
}
