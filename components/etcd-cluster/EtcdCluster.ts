import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { clientUrl, evenSizeWarning, initialCluster, type MemberIdentity, membersProblem } from "../lib/etcd.ts";
import { EtcdMember, type EtcdSettings } from "./EtcdMember.ts";

/** A member and the machine that it runs on. */
export interface EtcdClusterMember extends MemberIdentity {
  /** The machine of the member. The scripts need root there. */
  readonly host: Host;
}

export interface EtcdClusterArgs extends EtcdSettings {
  /**
   * The members, 1 to 7. They are what the cluster is: with another member, name, peer address or machine it is another
   * cluster, which starts empty. `protect: true` on this resource refuses that, already in the preview.
   */
  readonly members: readonly EtcdClusterMember[];
  /**
   * Beginning of the cluster's token; every creation of a cluster adds a part of its own.
   * @default "etcd-cluster"
   */
  readonly tokenPrefix?: string;
  /**
   * Time for all members to find each other and elect a leader, in seconds.
   * @default 60
   */
  readonly quorumTimeoutSec?: number;
  /**
   * What must be there before the cluster, and stay until it is gone, beside the hosts.
   * @default - nothing
   */
  readonly after?: readonly pulumi.Resource[];
}

/**
 * An etcd cluster with the v2 API that Docker's cluster store needs. Its members start at the same time. A cluster of an
 * even size is warned of, since it tolerates no more failures than one with a member less.
 */
export class EtcdCluster extends pulumi.ComponentResource {
  /** Client URL of each member, by its name. Known only once every member answers with a quorum behind it. */
  readonly endpoints: pulumi.Output<Record<string, string>>;
  /** What tells this cluster from every other one, also from one of the same members that was there before. */
  readonly token: pulumi.Output<string>;

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:EtcdCluster", name, {}, opts);
    const { members, tokenPrefix = "etcd-cluster", quorumTimeoutSec = 60, after, ...settings } = args;
    const [first] = members;
    const problem = membersProblem(members) ?? prefixProblem(tokenPrefix);
    if (problem || !first) throw new pulumi.ResourceError(problem ?? "expected a member", this, true);
    const warning = evenSizeWarning(members.length);
    if (warning) pulumi.log.warn(`etcd cluster ${name}: ${warning}`, this);

    const creation = new HostScript(
      `${name}-creation`,
      {
        host: first.host,
        script: new URL("creation.sh", import.meta.url),
        variables: {
          NAME: first.memberName,
          PREFIX: tokenPrefix,
          MEMBERS: initialCluster(members),
          OWNER: settings.owner ?? "",
          MACHINES: pulumi.all(members.map(({ host }) => machineOf(host))).apply((machines) => machines.join(" ")),
        },
        identity: ["NAME", "PREFIX", "MEMBERS", "MACHINES"],
        after,
      },
      { parent: this },
    );
    const token = creation.stdout.apply((text) => text.trim());
    const started = members.map(
      (member) =>
        new EtcdMember(
          `${name}-${member.memberName}`,
          { ...settings, ...member, token, initialCluster: initialCluster(members) },
          { parent: this },
        ),
    );
    const quorum = new HostScript(
      `${name}-quorum`,
      {
        host: first.host,
        script: new URL("quorum.sh", import.meta.url),
        variables: {
          NAME: first.memberName,
          ENDPOINTS: members.map((member) => `${member.memberName} ${clientUrl(member)}`).join("\n"),
          SUPERVISOR: settings.supervisor ?? "systemd",
          TIMEOUT: String(quorumTimeoutSec),
          STARTED: pulumi.all(started.map((member) => member.started)).apply((lines) => lines.join("")),
        },
        timeoutSec: quorumTimeoutSec + 30,
      },
      { parent: this },
    );

    this.token = token;
    this.endpoints = quorum.stdout.apply(() =>
      Object.fromEntries(members.map((member) => [member.memberName, clientUrl(member)])),
    );
    this.registerOutputs({ endpoints: this.endpoints, token: this.token });
  }
}

const prefixProblem = (prefix: string) =>
  /^[\w-]{1,64}$/.test(prefix)
    ? undefined
    : `expected a token of 1 to 64 letters, digits, hyphens and underscores for the etcd cluster, got ${JSON.stringify(prefix)}`;

/** What changes when another machine takes the place of this one, known when the new one can be reached. */
const machineOf = (host: Host): pulumi.Output<string> =>
  host.kind === "local"
    ? pulumi.output("local")
    : pulumi.all([host.connection.host, host.machine?.id]).apply(([address, id]) => id ?? address);
