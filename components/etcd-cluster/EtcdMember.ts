import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { credentialsProblem } from "../lib/certificates.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import {
  archiveUrl,
  archiveUrlProblem,
  checksumProblem,
  checksumsOf,
  clientUrl,
  type EtcdArchive,
  type EtcdPackage,
  flagList,
  flagsProblem,
  type MemberIdentity,
  memberLine,
  memberProblem,
  peerUrl,
  sourceVariables,
  tokenProblem,
  versionProblem,
} from "../lib/etcd.ts";
import { gated } from "../lib/gated.ts";

/** Settings of a member that do not identify its cluster. */
export interface EtcdSettings {
  /**
   * Source of the program. Another version upgrades the members of a living cluster, one after the other: by one minor
   * version at a time, and never to an older one.
   * @default { kind: "package" }
   */
  readonly source?: EtcdPackage | EtcdArchive;
  /**
   * Whether the members serve the v2 API too (`--enable-v2` of etcd), which Docker's cluster store needs and etcd 3.6 no
   * longer has.
   * @default true
   */
  readonly enableV2?: boolean;
  /**
   * How the member runs: as a systemd unit, or unsupervised with `nohup etcd … &`. With `nohup` it runs as root, and
   * stops at a crash or a reboot.
   * @default "systemd"
   */
  readonly supervisor?: "systemd" | "nohup";
  /**
   * Additional etcd flags, without the hyphens, for example `{ "snapshot-count": "5000" }`. A change restarts the
   * members; they keep their data.
   * @default - none; in a cluster with a slow host (`slowness`) its factor times 100 ms as `heartbeat-interval`, and times 1000 ms
   * as `election-timeout`
   */
  readonly flags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Owner mark, as `project/stack`, written into its unit and next to its data.
   * @default - no mark
   */
  readonly owner?: pulumi.Input<string>;
}

/** A member's name, address and ports. */
export interface EtcdMemberPlace {
  /** Name of the member, `--name` of etcd: letters, digits and hyphens. */
  readonly memberName: pulumi.Input<string>;
  /** IPv4 address at which peers and clients reach it. One of the host's interfaces must have it. */
  readonly address: pulumi.Input<string>;
  /**
   * TCP port for clients.
   * @default 2379 (IANA's etcd-client)
   */
  readonly clientPort?: pulumi.Input<number>;
  /**
   * TCP port for peers, the other members.
   * @default 2380 (IANA's etcd-server)
   */
  readonly peerPort?: pulumi.Input<number>;
}

export interface EtcdMemberArgs extends EtcdMemberPlace, EtcdSettings {
  /** The member's host. The script needs root there. */
  readonly host: Host;
  /** The cluster's token, `--initial-cluster-token` of etcd. A change replaces the member. */
  readonly token: pulumi.Input<string>;
  /**
   * All members as comma-separated `NAME=PEER_URL`, `--initial-cluster` of etcd. Only a member without data reads it: a
   * change of it neither restarts nor replaces the member.
   */
  readonly initialCluster: pulumi.Input<string>;
  /**
   * Members that the cluster has or had, which a member without data asks for the living cluster to join.
   * @default - none: it does not join a cluster
   */
  readonly peers?: pulumi.Input<readonly MemberIdentity[]>;
  /**
   * Whether the cluster may be alive. A member without data then never starts another one: without an answer from a
   * quorum its creation fails.
   * @default false
   */
  readonly exists?: pulumi.Input<boolean>;
  /**
   * After the loss of so many members that no quorum can come back: the name of the member that goes on without the others,
   * and a word for what happened. That member makes a cluster of itself, with its data, once for each such word
   * (`--force-new-cluster` of etcd); a copy of the data stays beside it. The others join it.
   * @default "" (it never happened)
   */
  readonly alone?: pulumi.Input<string>;
  /**
   * The CAs that it trusts, in PEM, one after the other. It serves TLS only, and demands certificates of these CAs from
   * peers and clients. Give it with `certificate` and `key`. A member with data is not changed from one to the other.
   * @default - none: it serves without TLS
   */
  readonly caCertificate?: pulumi.Input<string>;
  /** Its certificate in PEM, for servers and clients, with its address, 127.0.0.1 and the common name `etcd-member`. */
  readonly certificate?: pulumi.Input<string>;
  /** The private key of the certificate in PEM; a secret. On the host only root and etcd can read it. */
  readonly key?: pulumi.Input<string>;
}

/**
 * One member of an etcd cluster. A member of a new cluster waits for the others, so all must be created at the same
 * time; {@link EtcdCluster} does that. If the cluster is alive, the member joins it. Deleting the member makes it leave
 * its cluster and deletes its data; changing its settings, program or supervisor keeps it. Members of a living cluster
 * are changed one after the other.
 *
 * All outputs are known once the member listens for its peers.
 */
export class EtcdMember extends pulumi.ComponentResource {
  /** Name, version and a hash of the running configuration. */
  readonly started: pulumi.Output<string>;
  /** The member's name in the cluster. */
  readonly memberName: pulumi.Output<string>;
  /** Client URL. */
  readonly clientUrl: pulumi.Output<string>;
  /** Peer URL. */
  readonly peerUrl: pulumi.Output<string>;

  constructor(name: string, args: EtcdMemberArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:EtcdMember", name, {}, componentOptions(opts));
    const { memberName, address, clientPort = 2379, peerPort = 2380, supervisor = "systemd" } = args;
    const tls = args.certificate !== undefined;
    const member = checked(this, { memberName, address, clientPort, peerPort, tls }, memberProblem);
    const { caCertificate = "", certificate = "", key = "" } = args;
    const credentials = checked(this, { caCertificate, certificate, key }, credentialsProblem);
    const flags = checked(this, args.flags ?? {}, flagsProblem);
    const token = checked(this, args.token, tokenProblem);
    const { source = { kind: "package" }, enableV2 = true } = args;
    const problem = sourceProblem(source, enableV2);
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
          PEERS: pulumi.all([member, args.peers ?? []]).apply(([own, peers]) => memberLines([own, ...peers])),
          EXISTS: pulumi.output(args.exists ?? false).apply((exists) => (exists ? "yes" : "no")),
          ALONE: args.alone ?? "",
          FLAGS: flags.apply(flagList),
          SUPERVISOR: supervisor,
          OWNER: args.owner ?? "",
          CA: credentials.caCertificate,
          CERTIFICATE: credentials.certificate,
          KEY: credentials.key,
          ...sourceVariables(source, enableV2),
        },
        identity: ["NAME", "TOKEN"],
        timeoutSec: TURNS_SEC,
        expected: "[A-Za-z0-9-]+: etcd 3[.0-9]+, configuration [0-9a-f]{12}",
      },
      childOptions(opts, { parent: this }),
    );

    // The key makes the whole text of the script a secret, and what it prints is none.
    this.started = pulumi.unsecret(script.stdout);
    const running = gated(member, this.started);
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

/** Time limit for a member, which waits for its turn while others are changed, in seconds. */
const TURNS_SEC = 600;

/** Lines for cluster.sh, each once. */
const memberLines = (members: readonly MemberIdentity[]): string => [...new Set(members.map(memberLine))].join("\n");

const sourceProblem = (source: EtcdPackage | EtcdArchive, enableV2: boolean) =>
  source.kind === "package"
    ? undefined
    : (versionProblem(source.version, enableV2) ??
      checksumProblem(checksumsOf(source.version, source.sha256)) ??
      archiveUrlProblem(archiveUrl(source)));
