import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import {
  clientUrl,
  evenSizeWarning,
  initialCluster,
  type MemberIdentity,
  memberLine,
  membersProblem,
  peerUrl,
  sizeProblem,
  timingFlags,
} from "../lib/etcd.ts";
import { quorumText, type Roster, readRoster, rosterLine } from "../lib/etcdMembership.ts";
import { gated } from "../lib/gated.ts";
import { hostId } from "../lib/nodeId.ts";
import { meshPart, node, type TopologyPart } from "../lib/topologyParts.ts";
import { certificatesProblem, issueCertificates } from "./certificates.ts";
import { EtcdMember, type EtcdMemberPlace, type EtcdSettings } from "./EtcdMember.ts";

/** A member and its host. */
export interface EtcdClusterMember extends EtcdMemberPlace {
  /** Name of the member, `--name` of etcd: letters, digits and hyphens. Also part of its resource name. */
  readonly memberName: string;
  /** The member's host. The scripts need root there. */
  readonly host: Host;
}

export interface EtcdClusterArgs extends EtcdSettings {
  /**
   * The members, 1 to 7. A change adds, removes or replaces members of the running cluster, one after the other, while a
   * quorum is healthy; data and token stay. A member on a host that was lost joins again if the others have a quorum;
   * without one the update fails and changes nothing. Only if Pulumi replaces the hosts of all members at once is the
   * cluster empty afterwards.
   */
  readonly members: readonly EtcdClusterMember[];
  /**
   * Prefix of the cluster's token; each creation of a cluster appends a random part. Another prefix replaces the cluster
   * with a new, empty one. `protect: true` on this resource makes the preview refuse that.
   * @default "etcd-cluster"
   */
  readonly tokenPrefix?: pulumi.Input<string>;
  /**
   * Time for all members to find each other and elect a leader, in seconds.
   * @default 60
   */
  readonly quorumTimeoutSec?: number;
  /**
   * Whether members and clients talk TLS only, with certificates of the cluster's own CA, which openssl makes on the host
   * that runs Pulumi. Clients need the outputs `caCertificate`, `clientCertificate` and `clientKey`. A running cluster is
   * not changed from one to the other: the update fails before it changes a host.
   * @default true
   */
  readonly tls?: boolean;
  /**
   * A word for the present certificates. Another one renews the CA and all certificates, on one member after the other
   * while the cluster serves.
   * @default ""
   */
  readonly rotation?: pulumi.Input<string>;
  /**
   * How long certificates are valid, in days, from 1 to 3650. Another number renews all certificates.
   * @default 365
   */
  readonly certificateDays?: pulumi.Input<number>;
}

/**
 * An etcd cluster, with the v2 API for Docker's cluster store unless `enableV2` is false. All members of a new cluster
 * start at the same time; those of a living one are added, changed and removed one after the other, and the output
 * `quorum` shows in a preview what a change does. Members and clients talk TLS, unless `tls` is false. An even size causes
 * a warning, because it tolerates no more failures than one member less.
 *
 * @example
 * ```ts
 * import { EtcdCluster } from "dockernet";
 *
 * const member = (memberName: string, address: string, hostKey: string) =>
 *   ({ memberName, address, host: { kind: "ssh", connection: { host: address, hostKey } } }) as const;
 * export const { clientUrls } = new EtcdCluster("etcd", {
 *   members: [member("node1", "10.0.0.11", "ssh-ed25519 AAAA…"), member("node2", "10.0.0.12", "ssh-ed25519 AAAA…")],
 * });
 * ```
 */
export class EtcdCluster extends pulumi.ComponentResource {
  /** Client URL of each member, by member name. Known once every member confirms the quorum. */
  readonly clientUrls: pulumi.Output<Record<string, string>>;
  /** Peer URL of each member, by member name. Known like the client URLs. */
  readonly peerUrls: pulumi.Output<Record<string, string>>;
  /**
   * Members, quorum and the failures that it tolerates, in words. It is known in a preview: as an output of the stack, it
   * shows what a change of the members does.
   */
  readonly quorum: pulumi.Output<string>;
  /** The CAs of the cluster's certificates, in PEM, one after the other; empty without TLS. Known like the client URLs. */
  readonly caCertificate: pulumi.Output<string>;
  /** Certificate for clients in PEM; empty without TLS. */
  readonly clientCertificate: pulumi.Output<string>;
  /** Private key of the certificate for clients in PEM, a secret; empty without TLS. */
  readonly clientKey: pulumi.Output<string>;
  /** The cluster's token, unique even among clusters of the same members. It stays when members change. */
  readonly token: pulumi.Output<string>;

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:EtcdCluster", name, {}, componentOptions(opts));
    const { members, quorumTimeoutSec = 60, tokenPrefix = "etcd-cluster", tls = true, ...others } = args;
    const { rotation = "", certificateDays: days = 365, ...settings } = others;
    const [first] = members;
    const problem = sizeProblem(members.length);
    if (problem || !first) throw new pulumi.ResourceError(problem ?? "expected at least one member", this, true);
    const known = checked(
      this,
      members.map((member) => placeOf(member, tls)),
      membersProblem,
    );
    const validity = checked(this, { rotation, days }, certificatesProblem);
    const prefix = checked(this, tokenPrefix, prefixProblem);
    const warning = evenSizeWarning(members.length);
    if (warning) pulumi.log.warn(`etcd cluster ${name}: ${warning}`, this);

    const token = this.drawToken(name, prefix, opts);
    const own = childOptions(opts, { parent: this });
    const certificates = tls
      ? issueCertificates(
          `${name}-certificates`,
          { members: known, token, rotation: validity.rotation, days: validity.days },
          own,
        )
      : undefined;
    const roster = this.keepRoster(name, { members, known, token }, opts);
    // The scripts of a host that is gone do not run, so its member is no longer one.
    const alive = members.filter(({ host }) => !isGone(host));
    const wanted = known.apply((all) =>
      all.filter((_, index) => alive.length === 0 || alive.includes(members[index] ?? first)),
    );
    const peers = pulumi.all([known, roster]).apply(([all, { former }]) => [...all, ...former]);
    const exists = roster.apply((each) => each.exists);
    const alone = roster.apply((each) => each.alone);
    // The same for all members (etcd's tuning guide).
    const flags = pulumi
      .all([args.flags ?? {}, pulumi.all(members.map(({ host }) => (host.kind === "ssh" && host.slowness) || 1))])
      .apply(([own, factors]) => ({ ...timingFlags(Math.max(...factors)), ...own }));
    const started = members.map(
      (member) =>
        new EtcdMember(
          `${name}-${member.memberName}`,
          {
            ...settings,
            ...member,
            ...certificates?.memberOf(member.memberName),
            flags,
            token,
            initialCluster: wanted.apply(initialCluster),
            peers,
            exists,
            alone,
          },
          childOptions(opts, { parent: this }),
        ),
    );
    const quorum = new HostScript(
      `${name}-quorum`,
      {
        host: (alive[0] ?? first).host,
        script: new URL("quorum.sh", import.meta.url),
        variables: {
          NAME: (alive[0] ?? first).memberName,
          PEERS: wanted.apply((all) => all.map(memberLine).join("\n")),
          TOKEN: token,
          SUPERVISOR: settings.supervisor ?? "systemd",
          TIMEOUT: String(quorumTimeoutSec),
          STARTED: pulumi.all(started.map((member) => member.started)).apply((lines) => lines.join("")),
        },
        timeoutSec: quorumTimeoutSec + REMOVALS_SEC,
      },
      // Its down does nothing, and the host may be lost when another member takes its place as the first one.
      childOptions(opts, { parent: this, retainOnDelete: true }),
    );

    this.token = token;
    this.quorum = wanted.apply(quorumText);
    const urls = (url: (member: MemberIdentity) => string) =>
      pulumi
        .all([known, quorum.stdout])
        .apply(([all]) => Object.fromEntries(all.map((each) => [each.memberName, url(each)])));
    this.clientUrls = urls(clientUrl);
    this.peerUrls = urls(peerUrl);
    const client = certificates?.client ?? { caCertificate: "", certificate: "", key: "" };
    this.caCertificate = gated(client.caCertificate, quorum.stdout);
    this.clientCertificate = gated(client.certificate, quorum.stdout);
    this.clientKey = gated(client.key, quorum.stdout);
    const { clientUrls, peerUrls, caCertificate, clientCertificate, clientKey } = this;
    const credentials = { caCertificate, clientCertificate, clientKey };
    this.registerOutputs({ clientUrls, peerUrls, token, quorum: this.quorum, ...credentials });
  }

  /** The token is drawn once and kept in the state, so that it survives every member. */
  private drawToken(
    name: string,
    prefix: pulumi.Output<string>,
    opts?: pulumi.ComponentResourceOptions,
  ): pulumi.Output<string> {
    return new HostScript(
      `${name}-creation`,
      {
        script: new URL("creation.sh", import.meta.url),
        variables: { PREFIX: prefix },
        identity: ["PREFIX"],
        previousOutput: true,
        expected: "[A-Za-z0-9_-]+-[0-9a-f]{12}",
      },
      childOptions(opts, { parent: this }),
    ).stdout;
  }

  /** Former members, and whether the cluster may be alive, kept in the state. */
  private keepRoster(
    name: string,
    { members, known, token }: RosterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ): pulumi.Output<Roster> {
    const lines = pulumi
      .all([known, pulumi.all(members.map(({ host }) => hostIdOf(host)))])
      .apply(([all, hosts]) =>
        all.map((each, index) =>
          rosterLine({ ...each, hostId: hosts[index] ?? "", made: isMade(members[index]?.host) }),
        ),
      );
    const script = new HostScript(
      `${name}-roster`,
      {
        script: new URL("roster.sh", import.meta.url),
        variables: { MEMBERS: lines.apply((all) => all.join("\n")), TOKEN: token },
        previousOutput: true,
        expected: "exists (yes|no)|token \\S+|alone \\S+ \\S+|(member|former)( \\S+){5}",
      },
      childOptions(opts, { parent: this }),
    );
    return script.stdout.apply(readRoster);
  }
}

interface RosterArgs {
  readonly members: readonly EtcdClusterMember[];
  readonly known: pulumi.Output<Required<MemberIdentity>[]>;
  readonly token: pulumi.Output<string>;
}

/** Time to remove members one after the other, in seconds. */
const REMOVALS_SEC = 240;

const isGone = (host: Host): boolean => host.kind === "ssh" && host.gone === true;
const isMade = (host?: Host): boolean => host?.kind === "ssh" && host.resource !== undefined;

const placeOf = ({ memberName, address, clientPort = 2379, peerPort = 2380 }: EtcdClusterMember, tls: boolean) => ({
  memberName,
  address,
  clientPort,
  peerPort,
  tls,
});

const prefixProblem = (prefix: string) =>
  /^[\w-]{1,64}$/.test(prefix)
    ? undefined
    : `expected a token of 1 to 64 letters, digits, hyphens and underscores for the etcd cluster, got ${JSON.stringify(prefix)}`;

/** A value that changes when the host is replaced; known once the new host is reachable. */
const hostIdOf = (host: Host): pulumi.Output<string> =>
  host.kind === "local"
    ? pulumi.output("local")
    : pulumi.all([host.connection.host, host.resource?.id]).apply(([address, id]) => id ?? address);

/** A member in a topology, on the host of its name, whose engine keeps its networks there. */
export function etcdMemberPart(member: MemberIdentity): TopologyPart {
  const { memberName: name } = member;
  const client = clientUrl(member);
  const own = node("member", name, name, { client, peer: peerUrl(member) });
  return { nodes: [own], links: [{ kind: "store", from: hostId(name), to: own.id, facts: { url: client } }] };
}

/** The links between the members of a cluster in a topology. */
export const etcdPeersPart = (members: readonly MemberIdentity[]): TopologyPart =>
  meshPart(
    "peer",
    members.map((member) => ({ ...member, name: member.memberName })),
    ({ name }) => name,
    (_, to) => ({ url: peerUrl(to) }),
  );
