import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import {
  archiveUrlProblem,
  type Checksums,
  checksumProblem,
  checksumsOf,
  clientUrl,
  flagList,
  flagsProblem,
  type MemberIdentity,
  memberProblem,
  versionProblem,
} from "../lib/etcd.ts";

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

/** How a member is run, beside which cluster it is in. */
export interface EtcdSettings {
  /**
   * Where the program comes from.
   * @default { kind: "package" }
   */
  readonly source?: EtcdPackage | EtcdArchive;
  /**
   * What keeps the member running: a unit of systemd's, or nothing, as in `nohup etcd … &`. Then it runs as root, and
   * a crash or a reboot ends it.
   * @default "systemd"
   */
  readonly supervisor?: "systemd" | "nohup";
  /**
   * Further flags of etcd, without the hyphens, for example `{ "snapshot-count": "5000" }`. A change restarts the
   * members, which keep their data.
   * @default - none
   */
  readonly flags?: Readonly<Record<string, string>>;
  /**
   * Who makes it, as `project/stack`: written into its unit and beside its data, for whoever finds them there.
   * @default - nobody is named
   */
  readonly owner?: string;
}

export interface EtcdMemberArgs extends MemberIdentity, EtcdSettings {
  /** The machine of the member. The script needs root there. */
  readonly host: Host;
  /** What tells this cluster from every other: `--initial-cluster-token` of etcd. A new one is a new member. */
  readonly token: pulumi.Input<string>;
  /** All members as `NAME=PEER_URL`, with commas: `--initial-cluster` of etcd. Another one is a new member. */
  readonly initialCluster: string;
}

/**
 * One member of an etcd cluster. A member of a new cluster waits for the others, so all of them must be made at once:
 * {@link EtcdCluster} does. Removing it removes its data; a change of its settings, its program or its supervisor does not.
 */
export class EtcdMember extends pulumi.ComponentResource {
  /** Name, version and a hash of the configuration that runs. Known once the member listens for its peers. */
  readonly started: pulumi.Output<string>;
  /** Where clients reach it. Known once the member listens for its peers. */
  readonly clientUrl: pulumi.Output<string>;

  constructor(name: string, args: EtcdMemberArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:EtcdMember", name, {}, opts);
    const { source = { kind: "package" }, supervisor = "systemd", flags = {} } = args;
    const problem = memberProblem(args) ?? flagsProblem(flags) ?? sourceProblem(source);
    if (problem) throw new pulumi.ResourceError(problem, this, true);

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("member.sh", import.meta.url),
        variables: {
          NAME: args.memberName,
          ADDRESS: args.address,
          CLIENT_PORT: String(args.clientPort ?? 2379),
          PEER_PORT: String(args.peerPort ?? 2380),
          TOKEN: args.token,
          MEMBERS: args.initialCluster,
          FLAGS: flagList(flags),
          SUPERVISOR: supervisor,
          SOURCE: source.kind,
          OWNER: args.owner ?? "",
          ...archiveVariables(source),
        },
        identity: ["NAME", "TOKEN", "MEMBERS"],
      },
      { parent: this },
    );

    this.started = script.stdout;
    this.clientUrl = script.stdout.apply(() => clientUrl(args));
    this.registerOutputs({ started: this.started, clientUrl: this.clientUrl });
  }
}

const sourceProblem = (source: EtcdPackage | EtcdArchive) =>
  source.kind === "package"
    ? undefined
    : (versionProblem(source.version) ??
      checksumProblem(checksumsOf(source.version, source.sha256)) ??
      archiveUrlProblem(archiveUrl(source)));

const archiveUrl = ({ url, version }: EtcdArchive): string =>
  url ?? `https://github.com/etcd-io/etcd/releases/download/v${version}/etcd-v${version}-linux-{arch}.tar.gz`;

const archiveVariables = (source: EtcdPackage | EtcdArchive): Record<string, string> =>
  source.kind === "package"
    ? {}
    : {
        URL: archiveUrl(source),
        VERSION: source.version,
        SHA256_AMD64: checksumsOf(source.version, source.sha256).amd64 ?? "",
        SHA256_ARM64: checksumsOf(source.version, source.sha256).arm64 ?? "",
      };
