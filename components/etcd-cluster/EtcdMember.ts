import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import {
  archiveUrlProblem,
  type Checksums,
  checksumProblem,
  checksumsOf,
  clientUrl,
  flagList,
  flagsProblem,
  memberProblem,
  peerUrl,
  tokenProblem,
  versionProblem,
} from "../lib/etcd.ts";
import { gated } from "../lib/gated.ts";

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
  readonly flags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Who makes it, as `project/stack`: written into its unit and beside its data, for whoever finds them there.
   * @default - nobody is named
   */
  readonly owner?: pulumi.Input<string>;
}

/** Where a member is: its name, and the address and ports that peers and clients reach it at. */
export interface EtcdMemberPlace {
  /** Name of the member, `--name` of etcd: letters, digits and hyphens. */
  readonly memberName: pulumi.Input<string>;
  /** IPv4 address that peers and clients reach it at. It must be one of the host's own. */
  readonly address: pulumi.Input<string>;
  /**
   * TCP port for clients.
   * @default 2379 (IANA's etcd-client)
   */
  readonly clientPort?: pulumi.Input<number>;
  /**
   * TCP port for the other members.
   * @default 2380 (IANA's etcd-server)
   */
  readonly peerPort?: pulumi.Input<number>;
}

export interface EtcdMemberArgs extends EtcdMemberPlace, EtcdSettings {
  /** The host of the member. The script needs root there. */
  readonly host: Host;
  /** What tells this cluster from every other: `--initial-cluster-token` of etcd. A new one is a new member. */
  readonly token: pulumi.Input<string>;
  /** All members as `NAME=PEER_URL`, with commas: `--initial-cluster` of etcd. Another one is a new member. */
  readonly initialCluster: pulumi.Input<string>;
}

/**
 * One member of an etcd cluster. A member of a new cluster waits for the others, so all of them must be made at once:
 * {@link EtcdCluster} does. Removing it removes its data; a change of its settings, its program or its supervisor does not.
 *
 * All outputs are known only once the member listens for its peers.
 */
export class EtcdMember extends pulumi.ComponentResource {
  /** Name, version and a hash of the configuration that runs. */
  readonly started: pulumi.Output<string>;
  /** The member's name in the cluster. */
  readonly memberName: pulumi.Output<string>;
  /** Where clients reach it. */
  readonly clientUrl: pulumi.Output<string>;
  /** Where the other members reach it. */
  readonly peerUrl: pulumi.Output<string>;

  constructor(name: string, args: EtcdMemberArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:EtcdMember", name, {}, componentOptions(opts));
    const { memberName, address, clientPort = 2379, peerPort = 2380, supervisor = "systemd" } = args;
    const member = checked(this, { memberName, address, clientPort, peerPort }, memberProblem);
    const flags = checked(this, args.flags ?? {}, flagsProblem);
    const token = checked(this, args.token, tokenProblem);
    const source = args.source ?? { kind: "package" };
    const problem = sourceProblem(source);
    if (problem) throw new pulumi.ResourceError(problem, this, true);

    const script = new HostScript(
      name,
      {
        host: args.host,
        script: new URL("member.sh", import.meta.url),
        variables: {
          NAME: member.memberName,
          ADDRESS: member.address,
          CLIENT_PORT: member.clientPort.apply(String),
          PEER_PORT: member.peerPort.apply(String),
          TOKEN: token,
          MEMBERS: args.initialCluster,
          FLAGS: flags.apply(flagList),
          SUPERVISOR: supervisor,
          SOURCE: source.kind,
          OWNER: args.owner ?? "",
          ...archiveVariables(source),
        },
        identity: ["NAME", "TOKEN", "MEMBERS"],
        expected: "[A-Za-z0-9-]+: etcd 3[.0-9]+, configuration [0-9a-f]{12}",
      },
      childOptions(opts, { parent: this }),
    );

    this.started = script.stdout;
    const running = gated(member, script.stdout);
    this.memberName = running.memberName;
    this.clientUrl = running.apply(clientUrl);
    this.peerUrl = running.apply(peerUrl);
    this.registerOutputs({
      started: this.started,
      memberName: this.memberName,
      clientUrl: this.clientUrl,
      peerUrl: this.peerUrl,
    });
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
