import { isAddress } from "./cidr.ts";

/** Name, address and ports of an etcd member. */
export interface MemberIdentity {
  /** Name of the member, `--name` of etcd: letters, digits and hyphens. */
  readonly memberName: string;
  /** IPv4 address at which peers and clients reach it. One of the host's interfaces must have it. */
  readonly address: string;
  /**
   * TCP port for clients.
   * @default 2379 (IANA's etcd-client)
   */
  readonly clientPort?: number;
  /**
   * TCP port for peers, the other members.
   * @default 2380 (IANA's etcd-server)
   */
  readonly peerPort?: number;
  /**
   * Whether peers and clients talk TLS to it.
   * @default false
   */
  readonly tls?: boolean;
}

/** Maximum number of members: with more, each write waits for more replies (etcd's FAQ). */
const MAX_MEMBERS = 7;

const scheme = ({ tls = false }: MemberIdentity): string => (tls ? "https" : "http");
export const clientUrl = (member: MemberIdentity): string =>
  `${scheme(member)}://${member.address}:${member.clientPort ?? 2379}`;
export const peerUrl = (member: MemberIdentity): string =>
  `${scheme(member)}://${member.address}:${member.peerPort ?? 2380}`;
/** The URL at which a member listens for its own host. */
export const ownUrl = (member: MemberIdentity): string => clientUrl({ ...member, address: "127.0.0.1" });

/** The value of etcd's `--initial-cluster`, with members in the given order. */
export const initialCluster = (members: readonly MemberIdentity[]): string =>
  members.map((member) => `${member.memberName}=${peerUrl(member)}`).join(",");

/** A member as a line for the scripts: name, client URL and peer URL. */
export const memberLine = (member: MemberIdentity): string =>
  `${member.memberName} ${clientUrl(member)} ${peerUrl(member)}`;

/** Number of members of `size` that may fail while a majority, ⌊size/2⌋+1, remains. */
export const failureTolerance = (size: number): number => size - (Math.floor(size / 2) + 1);

/** A warning that an even cluster size tolerates no more failures than one member less; undefined for an odd size. */
export function evenSizeWarning(size: number): string | undefined {
  if (size % 2 === 1) return undefined;
  const tolerated = failureTolerance(size);
  return `${size} members tolerate ${tolerated} failures, no more than ${size - 1} would; ${size + 1} tolerate ${tolerated + 1}`;
}

/** An error message if the number of members is out of range; undefined otherwise. */
export const sizeProblem = (size: number): string | undefined =>
  size < 1 || size > MAX_MEMBERS ? `expected 1 to ${MAX_MEMBERS} etcd members, got ${size}` : undefined;

/** An error message if etcd cannot start with these members; undefined otherwise. */
export function membersProblem(members: readonly MemberIdentity[]): string | undefined {
  const problem = sizeProblem(members.length);
  if (problem) return problem;
  const names = members.map(({ memberName }) => memberName);
  const sockets = members.flatMap((member) => [clientUrl(member), peerUrl(member)]);
  const [twice] = [...repeated(names), ...repeated(sockets)];
  return members.map(memberProblem).find(Boolean) ?? (twice && `two etcd members cannot both be ${twice}`);
}

/** An error message if a member is invalid; undefined otherwise. */
export function memberProblem({
  memberName,
  address,
  clientPort = 2379,
  peerPort = 2380,
}: MemberIdentity): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/.test(memberName)) {
    return `expected an etcd member name of 1 to 63 letters, digits and hyphens, got ${JSON.stringify(memberName)}`;
  }
  if (!isAddress(address)) return `etcd member ${memberName}: expected an IPv4 address, got ${JSON.stringify(address)}`;
  const port = [clientPort, peerPort].find((each) => !Number.isInteger(each) || each < 1 || each > 65_535);
  return port === undefined ? undefined : `etcd member ${memberName}: expected a port of 1 to 65535, got ${port}`;
}

/** An error message if members of an archive's version cannot run, or lack the v2 API, which 3.6 removed; undefined otherwise. */
export function versionProblem(version: string, enableV2: boolean): string | undefined {
  if (enableV2) {
    return /^3\.[345]\.\d+$/.test(version)
      ? undefined
      : `expected an etcd version from 3.3 to 3.5, such as 3.5.21: Docker's cluster store needs the v2 API, which 3.6 removed; got ${JSON.stringify(version)}`;
  }
  return /^3\.[3456]\.\d+$/.test(version)
    ? undefined
    : `expected an etcd version from 3.3 to 3.6, such as 3.6.16, for a cluster without the v2 API, got ${JSON.stringify(version)}`;
}

/** An error message if a cluster token is not safe in an etcd flag and a systemd unit. */
export const tokenProblem = (token: string): string | undefined =>
  /^[\w-]{1,100}$/.test(token)
    ? undefined
    : `expected a token of letters, digits, hyphens and underscores for an etcd cluster, got ${JSON.stringify(token)}`;

/** An error message if a member's client URL is not safe in an engine flag and a systemd unit. */
export const endpointProblem = (url: string): string | undefined =>
  /^https?:\/\/[\w.-]+:\d{1,5}$/.test(url)
    ? undefined
    : `expected the URL of an etcd member, such as http://192.168.174.141:2379, got ${JSON.stringify(url)}`;

/** SHA-256 of an archive for each architecture. */
export interface Checksums {
  /** For x86-64, in hexadecimal digits. */
  readonly amd64?: string;
  /** For 64-bit ARM, in hexadecimal digits. */
  readonly arm64?: string;
}

/** Checksums of the releases on GitHub, as several public projects pin them. */
const RELEASES: Readonly<Record<string, Checksums>> = {
  "3.5.21": {
    amd64: "adddda4b06718e68671ffabff2f8cee48488ba61ad82900e639d108f2148501c",
    arm64: "95bf6918623a097c0385b96f139d90248614485e781ec9bee4768dbb6c79c53f",
  },
};

/** The checksums of an archive: the given ones, else the known ones of the release. */
export const checksumsOf = (version: string, given?: Checksums): Checksums => given ?? RELEASES[version] ?? {};

/** An error message if an archive's checksums are missing or invalid; undefined otherwise. */
export function checksumProblem(sha256: Checksums): string | undefined {
  const sums = Object.entries(sha256);
  const bad = sums.find(([, sum]) => !/^[0-9a-f]{64}$/.test(sum ?? ""));
  if (bad) return `expected a SHA-256 of 64 hexadecimal digits for ${bad[0]}, got ${JSON.stringify(bad[1])}`;
  return sums.length === 0 ? "expected the SHA-256 of the etcd archive for amd64, arm64 or both, got none" : undefined;
}

/** The distribution's packages etcd-server and etcd-client, installed by apt if missing. */
export interface EtcdPackage {
  /** Selects the packages. */
  readonly kind: "package";
}

/** An etcd release archive, unpacked to `/usr/local/etcd-vVERSION-linux-ARCH`. */
export interface EtcdArchive {
  /** Selects an archive. */
  readonly kind: "archive";
  /**
   * Version of etcd in the archive, from 3.3 to 3.5: Docker's cluster store needs the v2 API, which 3.6 removed. With
   * `enableV2: false` also 3.6.
   */
  readonly version: string;
  /**
   * SHA-256 of the archive for each architecture. A host of another architecture is refused.
   * @default - the release's own, known for 3.5.21
   */
  readonly sha256?: Checksums;
  /**
   * URL of the archive: https, http or file. `{arch}` is replaced with the host's architecture.
   * @default - etcd's releases on GitHub
   */
  readonly url?: string;
}

/** Download URL of an archive. */
export const archiveUrl = ({ url, version }: EtcdArchive): string =>
  url ?? `https://github.com/etcd-io/etcd/releases/download/v${version}/etcd-v${version}-linux-{arch}.tar.gz`;

/** The source of the program, and whether it serves the v2 API, as variables of install.sh. */
export function sourceVariables(source: EtcdPackage | EtcdArchive, enableV2 = true): Record<string, string> {
  const V2 = enableV2 ? "yes" : "no";
  if (source.kind === "package") return { SOURCE: "package", V2 };
  const { amd64 = "", arm64 = "" } = checksumsOf(source.version, source.sha256);
  return {
    SOURCE: "archive",
    V2,
    URL: archiveUrl(source),
    VERSION: source.version,
    SHA256_AMD64: amd64,
    SHA256_ARM64: arm64,
  };
}

/** An error message if an archive's URL is invalid; undefined otherwise. */
export const archiveUrlProblem = (url: string): string | undefined =>
  /^(https?|file):\/\/[^\s'"]+$/.test(url)
    ? undefined
    : `expected the URL of an etcd archive, https, http or file, got ${JSON.stringify(url)}`;

/** Flags that cannot be set: they identify the cluster, or are separate arguments. */
const OWN_FLAGS =
  /^(name|data-dir|enable-v2|listen-(peer|client)-urls|advertise-client-urls|initial-.*|config-file|discovery.*|(peer-)?(cert|key|trusted-ca)-file|(peer-)?(client-cert-auth|auto-tls)|peer-cert-allowed-cn)$/;

/** An error message if additional etcd flags are invalid; undefined otherwise. */
export function flagsProblem(flags: Readonly<Record<string, string>>): string | undefined {
  for (const [flag, value] of Object.entries(flags)) {
    if (!/^[a-z][a-z0-9-]*$/.test(flag))
      return `expected the name of an etcd flag without leading hyphens, got ${JSON.stringify(flag)}`;
    if (OWN_FLAGS.test(flag))
      return `the etcd flag ${flag} follows from the members and their certificates and cannot be set`;
    if (!/^[\w.:,=/@+-]+$/.test(value)) {
      return `expected a value of letters, digits and _.:,=/@+- for the etcd flag ${flag}, got ${JSON.stringify(value)}`;
    }
  }
  return undefined;
}

/** etcd's defaults for members that answer each other in a few milliseconds, in milliseconds. */
const HEARTBEAT_MS = 100;
const ELECTION_MS = 1_000;

/**
 * Flags for members whose slowest host is slower by a factor. With the defaults they miss heartbeats and elect a leader again and
 * again, during which nothing is written.
 */
export const timingFlags = (slowness: number): Record<string, string> =>
  slowness === 1
    ? {}
    : {
        "heartbeat-interval": String(Math.round(HEARTBEAT_MS * slowness)),
        "election-timeout": String(Math.round(ELECTION_MS * slowness)),
      };

/** Additional flags for etcd's command line, sorted. */
export const flagList = (flags: Readonly<Record<string, string>>): string =>
  Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([flag, value]) => `--${flag}=${value}`)
    .join(" ");

const repeated = (values: readonly string[]): string[] => values.filter((each, index) => values.indexOf(each) < index);
