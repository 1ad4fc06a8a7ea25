import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import {
  clientUrl,
  evenSizeWarning,
  initialCluster,
  type MemberIdentity,
  membersProblem,
  peerUrl,
  sizeProblem,
} from "../lib/etcd.ts";
import { hostId } from "../lib/nodeId.ts";
import { meshPart, node, type TopologyPart } from "../lib/topologyParts.ts";
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
   * The members, 1 to 7. They identify the cluster: a change of a member, name, peer address or host replaces it with a
   * new, empty cluster. `protect: true` on this resource makes the preview refuse that.
   */
  readonly members: readonly EtcdClusterMember[];
  /**
   * Prefix of the cluster's token; each creation of a cluster appends a random part.
   * @default "etcd-cluster"
   */
  readonly tokenPrefix?: pulumi.Input<string>;
  /**
   * Time for all members to find each other and elect a leader, in seconds.
   * @default 60
   */
  readonly quorumTimeoutSec?: number;
}

/**
 * An etcd cluster with the v2 API, which Docker's cluster store needs. All members start at the same time. An even size
 * causes a warning, because it tolerates no more failures than one member less.
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
  /** The cluster's token, unique even among clusters of the same members. */
  readonly token: pulumi.Output<string>;

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:EtcdCluster", name, {}, componentOptions(opts));
    const { members, quorumTimeoutSec = 60, tokenPrefix = "etcd-cluster", ...settings } = args;
    const [first] = members;
    const problem = sizeProblem(members.length);
    if (problem || !first) throw new pulumi.ResourceError(problem ?? "expected at least one member", this, true);
    const known = checked(this, members.map(placeOf), membersProblem);
    const prefix = checked(this, tokenPrefix, prefixProblem);
    const warning = evenSizeWarning(members.length);
    if (warning) pulumi.log.warn(`etcd cluster ${name}: ${warning}`, this);

    const creation = new HostScript(
      `${name}-creation`,
      {
        host: first.host,
        script: new URL("creation.sh", import.meta.url),
        variables: {
          NAME: first.memberName,
          PREFIX: prefix,
          MEMBERS: known.apply(initialCluster),
          OWNER: settings.owner ?? "",
          HOSTS: pulumi.all(members.map(({ host }) => hostIdOf(host))).apply((hosts) => hosts.join(" ")),
        },
        identity: ["NAME", "PREFIX", "MEMBERS", "HOSTS"],
        expected: "[A-Za-z0-9_-]+-[0-9a-f]{12}",
      },
      childOptions(opts, { parent: this }),
    );
    const token = creation.stdout;
    const started = members.map(
      (member) =>
        new EtcdMember(
          `${name}-${member.memberName}`,
          { ...settings, ...member, token, initialCluster: known.apply(initialCluster) },
          childOptions(opts, { parent: this }),
        ),
    );
    const quorum = new HostScript(
      `${name}-quorum`,
      {
        host: first.host,
        script: new URL("quorum.sh", import.meta.url),
        variables: {
          NAME: first.memberName,
          ENDPOINTS: known.apply((all) => all.map((each) => `${each.memberName} ${clientUrl(each)}`).join("\n")),
          SUPERVISOR: settings.supervisor ?? "systemd",
          TIMEOUT: String(quorumTimeoutSec),
          STARTED: pulumi.all(started.map((member) => member.started)).apply((lines) => lines.join("")),
        },
        timeoutSec: quorumTimeoutSec + 30,
      },
      childOptions(opts, { parent: this }),
    );

    this.token = token;
    const urls = (url: (member: MemberIdentity) => string) =>
      pulumi
        .all([known, quorum.stdout])
        .apply(([all]) => Object.fromEntries(all.map((each) => [each.memberName, url(each)])));
    this.clientUrls = urls(clientUrl);
    this.peerUrls = urls(peerUrl);
    this.registerOutputs({ clientUrls: this.clientUrls, peerUrls: this.peerUrls, token: this.token });
  }
}

const placeOf = ({ memberName, address, clientPort = 2379, peerPort = 2380 }: EtcdClusterMember) => ({
  memberName,
  address,
  clientPort,
  peerPort,
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
