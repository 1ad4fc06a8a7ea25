import { isAddress } from "./cidr.ts";

/** What tells one member of an etcd cluster from the others. */
export interface MemberIdentity {
  /** Name of the member, `--name` of etcd: letters, digits and hyphens. */
  readonly memberName: string;
  /** IPv4 address that peers and clients reach it at. It must be one of the host's own. */
  readonly address: string;
  /**
   * TCP port for clients.
   * @default 2379 (IANA's etcd-client)
   */
  readonly clientPort?: number;
  /**
   * TCP port for the other members.
   * @default 2380 (IANA's etcd-server)
   */
  readonly peerPort?: number;
}

/** Members that a cluster may have; with more, each write waits for more replies (etcd's FAQ). */
const MAX_MEMBERS = 7;

export const clientUrl = ({ address, clientPort = 2379 }: MemberIdentity): string => `http://${address}:${clientPort}`;
export const peerUrl = ({ address, peerPort = 2380 }: MemberIdentity): string => `http://${address}:${peerPort}`;

/** The members as etcd's `--initial-cluster` has them, in the order that they are given in. */
export const initialCluster = (members: readonly MemberIdentity[]): string =>
  members.map((member) => `${member.memberName}=${peerUrl(member)}`).join(",");

/** How many of `size` members may fail while a majority, ⌊size/2⌋+1, is left. */
export const failureTolerance = (size: number): number => size - (Math.floor(size / 2) + 1);

/** Why a cluster of an even size is no safer than one with a member less; undefined for an odd size. */
export function evenSizeWarning(size: number): string | undefined {
  if (size % 2 === 1) return undefined;
  const tolerated = failureTolerance(size);
  return `${size} members tolerate ${tolerated} failures, no more than ${size - 1} would; ${size + 1} tolerate ${tolerated + 1}`;
}

/** What is wrong with the number of members of a cluster; undefined when etcd can be started with so many. */
export const sizeProblem = (size: number): string | undefined =>
  size < 1 || size > MAX_MEMBERS ? `expected 1 to ${MAX_MEMBERS} etcd members, got ${size}` : undefined;

/** What is wrong with the members of a cluster; undefined when etcd can be started with them. */
export function membersProblem(members: readonly MemberIdentity[]): string | undefined {
  const problem = sizeProblem(members.length);
  if (problem) return problem;
  const names = members.map(({ memberName }) => memberName);
  const sockets = members.flatMap((member) => [clientUrl(member), peerUrl(member)]);
  const [twice] = [...repeated(names), ...repeated(sockets)];
  return members.map(memberProblem).find(Boolean) ?? (twice && `two etcd members cannot both be ${twice}`);
}

/** What is wrong with one member. */
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

/** What is wrong with the version of an archive: Docker's cluster store needs the v2 API, which 3.6 does not have. */
export const versionProblem = (version: string): string | undefined =>
  /^3\.[345]\.\d+$/.test(version)
    ? undefined
    : `expected an etcd version from 3.3 to 3.5, such as 3.5.21, since later ones lack the v2 API that Docker's cluster store needs; got ${JSON.stringify(version)}`;

/** What is wrong with the token of a cluster, which is a flag of etcd's and a word in a unit of systemd's. */
export const tokenProblem = (token: string): string | undefined =>
  /^[\w-]{1,100}$/.test(token)
    ? undefined
    : `expected a token of letters, digits, hyphens and underscores for an etcd cluster, got ${JSON.stringify(token)}`;

/** What is wrong with where clients reach a member, which goes into a flag and a unit. */
export const endpointProblem = (url: string): string | undefined =>
  /^http:\/\/[\w.-]+:\d{1,5}$/.test(url)
    ? undefined
    : `expected the URL of an etcd member, such as http://192.168.174.141:2379, got ${JSON.stringify(url)}`;

/** SHA-256 of an archive, one an architecture. */
export interface Checksums {
  readonly amd64?: string;
  readonly arm64?: string;
}

/** Of the releases on GitHub, as several public projects pin them. */
const RELEASES: Readonly<Record<string, Checksums>> = {
  "3.5.21": {
    amd64: "adddda4b06718e68671ffabff2f8cee48488ba61ad82900e639d108f2148501c",
    arm64: "95bf6918623a097c0385b96f139d90248614485e781ec9bee4768dbb6c79c53f",
  },
};

/** The checksums of an archive: those that were given, else those that are known of the release. */
export const checksumsOf = (version: string, given?: Checksums): Checksums => given ?? RELEASES[version] ?? {};

/** What is wrong with an archive's checksums, one an architecture. */
export function checksumProblem(sha256: Checksums): string | undefined {
  const sums = Object.entries(sha256);
  const bad = sums.find(([, sum]) => !/^[0-9a-f]{64}$/.test(sum ?? ""));
  if (bad) return `expected a SHA-256 of 64 hexadecimal digits for ${bad[0]}, got ${JSON.stringify(bad[1])}`;
  return sums.length === 0 ? "expected the SHA-256 of the etcd archive for amd64, arm64 or both, got none" : undefined;
}

/** The distribution's packages etcd-server and etcd-client. They are installed by apt where they are not there yet. */
export interface EtcdPackage {
  readonly kind: "package";
}

/** An archive as etcd's releases have it, unpacked at `/usr/local/etcd-vVERSION-linux-ARCH`. */
export interface EtcdArchive {
  readonly kind: "archive";
  /** Version in the archive, from 3.3 to 3.5: Docker's cluster store needs the v2 API, which 3.6 does not have. */
  readonly version: string;
  /**
   * SHA-256 of the archive, one an architecture. A host of another architecture is refused.
   * @default - those of the release, which are known of 3.5.21
   */
  readonly sha256?: Checksums;
  /**
   * Where the archive is, for curl: an https, http or file URL. `{arch}` in it is the host's architecture.
   * @default - etcd's releases on GitHub
   */
  readonly url?: string;
}

/** Where an archive is. */
export const archiveUrl = ({ url, version }: EtcdArchive): string =>
  url ?? `https://github.com/etcd-io/etcd/releases/download/v${version}/etcd-v${version}-linux-{arch}.tar.gz`;

/** Where the program comes from, as variables of install.sh. */
export function sourceVariables(source: EtcdPackage | EtcdArchive): Record<string, string> {
  if (source.kind === "package") return { SOURCE: "package" };
  const { amd64 = "", arm64 = "" } = checksumsOf(source.version, source.sha256);
  return {
    SOURCE: "archive",
    URL: archiveUrl(source),
    VERSION: source.version,
    SHA256_AMD64: amd64,
    SHA256_ARM64: arm64,
  };
}

/** What is wrong with the URL of an archive. */
export const archiveUrlProblem = (url: string): string | undefined =>
  /^(https?|file):\/\/[^\s'"]+$/.test(url)
    ? undefined
    : `expected the URL of an etcd archive, https, http or file, got ${JSON.stringify(url)}`;

/** Flags that say which cluster this is, or that are arguments of their own. */
const OWN_FLAGS =
  /^(name|data-dir|enable-v2|listen-(peer|client)-urls|advertise-client-urls|initial-.*|config-file|discovery.*)$/;

/** What is wrong with further flags of etcd. */
export function flagsProblem(flags: Readonly<Record<string, string>>): string | undefined {
  for (const [flag, value] of Object.entries(flags)) {
    if (!/^[a-z][a-z0-9-]*$/.test(flag))
      return `expected the name of an etcd flag without hyphens before it, got ${JSON.stringify(flag)}`;
    if (OWN_FLAGS.test(flag)) return `the etcd flag ${flag} follows from the members and cannot be set`;
    if (!/^[\w.:,=/@+-]+$/.test(value)) {
      return `expected a value of letters, digits and _.:,=/@+- for the etcd flag ${flag}, got ${JSON.stringify(value)}`;
    }
  }
  return undefined;
}

/** Further flags in one order, as etcd's command line has them. */
export const flagList = (flags: Readonly<Record<string, string>>): string =>
  Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([flag, value]) => `--${flag}=${value}`)
    .join(" ");

const repeated = (values: readonly string[]): string[] => values.filter((each, index) => values.indexOf(each) < index);
