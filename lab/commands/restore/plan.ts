import { changes, digestOf, type EtcdKey, inKeys, readableKey } from "../../host/etcd/keys.ts";
import { megabytes } from "../../host/etcd/room.ts";
import type { Backup } from "../../state/etcdBackup.ts";

/** A member's condition before a restore. */
export interface MemberLook {
  readonly name: string;
  readonly peer: string;
  readonly version: string;
  readonly token: string;
  /** Free bytes of the file system with its data. */
  readonly free: number;
  /** Time of the last write to its data; undefined without data. */
  readonly written: Date | undefined;
  /** etcd's error if it cannot use the data, else empty. */
  readonly complaint: string;
  readonly running: boolean;
  /** Whether it has a quorum. */
  readonly healthy: boolean;
  /** Its keys, read without requiring a quorum; undefined if it is not running. */
  readonly keys: readonly EtcdKey[] | undefined;
}

/**
 * Number of unpacked logs that must fit on the disk: the restored one, and the next one, which etcd creates at once.
 */
const ROOM = 2;

/** Why a backup cannot be restored on these members; empty if it can. */
export function refusals(
  environment: string,
  { manifest }: Backup,
  members: readonly MemberLook[],
  unpackedBytes: number,
): string[] {
  if (manifest.environment !== environment) return [`it is a backup of the environment ${manifest.environment}`];
  const here = Object.fromEntries(members.map(({ name, peer }) => [name, peer]));
  const listed = (all: Readonly<Record<string, string>>) =>
    Object.entries(all)
      .map(([name, peer]) => `${name}=${peer}`)
      .sort()
      .join(", ");
  if (listed(here) !== listed(manifest.members)) {
    return [`it is of the members ${listed(manifest.members)}, and the environment has ${listed(here)}`];
  }
  return members.flatMap(({ name, version, token, free }) => [
    ...(token === manifest.token
      ? []
      : [`it is of another cluster: its token is ${manifest.token}, that of ${name} is ${token}`]),
    ...(minor(version) === minor(manifest.etcd)
      ? []
      : [`it was taken from etcd ${manifest.etcd}, and ${name} has etcd ${version}`]),
    ...(free >= ROOM * unpackedBytes
      ? []
      : [
          `${name} has ${megabytes(free)} of free disk space for etcd, and the restore needs ${megabytes(ROOM * unpackedBytes)}`,
        ]),
  ]);
}

const minor = (version: string): string => version.split(".").slice(0, 2).join(".");

/** What a restore would lose, or why it is not needed; empty if the data is lost. */
export function cautions({ manifest, keys }: Backup, members: readonly MemberLook[]): string[] {
  const whole = members.find((each) => each.healthy && changes(keys, each.keys ?? []).length === 0);
  const newer = members.flatMap((member) => {
    const changed = changes(member.keys ?? [], keys);
    const [one] = changed;
    if (one) {
      return [
        `${member.name} holds ${changed.length} keys that the backup lacks or has with another value, such as ${readableKey(one)}`,
      ];
    }
    return !member.running && member.complaint === "" && member.written && member.written > new Date(manifest.time)
      ? [`${member.name} does not run, and its data was written after the backup, at ${member.written.toISOString()}`]
      : [];
  });
  return [...(whole ? [`the cluster is healthy and holds every key of the backup`] : []), ...newer];
}

/** Describes the state of a member. */
export function stateOf({ name, running, healthy, written, complaint, keys }: MemberLook): string {
  const usable = complaint === "" ? "" : `, which etcd cannot use (${complaint})`;
  const data = written === undefined ? "no data" : `data written ${written.toISOString()}${usable}`;
  const quorum = healthy ? "running with a quorum" : "running without a quorum";
  return `${name}: ${running ? quorum : "not running"}, ${keys ? inKeys(digestOf(keys)) : data}`;
}

/** The steps of a restore, in order. */
export function stepsOf([first, ...others]: readonly MemberLook[]): string[] {
  const all = [first, ...others].flatMap((each) => each?.name ?? []);
  return [
    `stop etcd on ${all.join(", ")}, and set the data aside`,
    `start ${first?.name} from the backup, as a new cluster of one`,
    ...others.map(({ name }) => `let ${name} join it`),
    "run every check",
  ];
}
