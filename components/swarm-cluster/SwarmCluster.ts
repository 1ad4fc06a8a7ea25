import * as pulumi from "@pulumi/pulumi";
import { type Host, HostScript } from "../host-script/HostScript.ts";
import { checked } from "../lib/checked.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { gated } from "../lib/gated.ts";
import {
  dataPortProblem,
  managersWarning,
  nodeLine,
  poolsProblem,
  type SwarmPlace,
  swarmProblem,
} from "../lib/swarm.ts";

/** A node of a swarm and its host. */
export interface SwarmNode extends SwarmPlace {
  /** The node's host. It must have the programs docker and curl; the scripts need root there. */
  readonly host: Host;
}

export interface SwarmClusterArgs {
  /**
   * The nodes. The first manager creates the swarm and lets the others in; 1 to 7 nodes are managers, and any number are
   * workers. A change adds, promotes, demotes, drains or removes nodes of the running swarm; a removed one is drained first.
   * A node on a host that was lost joins again, as long as the first manager has a quorum. If that is the lost one, put
   * another manager first.
   */
  readonly nodes: readonly SwarmNode[];
  /**
   * UDP port of the packets of containers (VXLAN), 1024 to 49151. Another one replaces the swarm.
   * @default 4789 (IANA's vxlan)
   */
  readonly dataPort?: pulumi.Input<number>;
  /**
   * IPv4 blocks from which the swarm takes the blocks of networks that set none. Others replace the swarm.
   * @default - the engine's: 10.0.0.0/8
   */
  readonly pools?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Prefix length of a network's block from `pools`.
   * @default 24
   */
  readonly poolPrefix?: pulumi.Input<number>;
  /**
   * Owner mark, as `project/stack`, on each host.
   * @default - no mark
   */
  readonly owner?: pulumi.Input<string>;
  /**
   * Time for a node to become ready, and for the tasks of a removed node to move, in seconds.
   * @default 60
   */
  readonly readyTimeoutSec?: number;
}

/** Pattern of an id in a swarm. */
const SWARM_ID = "[a-z0-9]{25}";

/**
 * Docker engines in Swarm mode: managers, which keep services and networks in a store of their own (Raft), and workers. The
 * token that lets a node in is secret, and only ever in the body of a request. An even number of managers causes a warning.
 * Refused without a change: an engine with a cluster store or with live-restore, or in a swarm that was not made here, and
 * an address that the host does not have. Deleting it makes every engine leave.
 *
 * @example
 * ```ts
 * import { SwarmCluster } from "dockernet";
 *
 * const node = (nodeName: string, address: string, hostKey: string, role: "manager" | "worker") =>
 *   ({ nodeName, address, role, host: { kind: "ssh", connection: { host: address, hostKey } } }) as const;
 * export const { clusterId } = new SwarmCluster("swarm", {
 *   nodes: [
 *     node("node1", "10.0.0.11", "ssh-ed25519 AAAA…", "manager"),
 *     node("node2", "10.0.0.12", "ssh-ed25519 AAAA…", "worker"),
 *   ],
 * });
 * ```
 */
export class SwarmCluster extends pulumi.ComponentResource {
  /** Id of the swarm. Known once every node is ready and has its role. */
  readonly clusterId: pulumi.Output<string>;
  /** Id of each node in the swarm, by its name. Known like the id of the swarm. */
  readonly nodeIds: pulumi.Output<Record<string, string>>;
  /** Managers and nodes, in words. Known like the id of the swarm. */
  readonly size: pulumi.Output<string>;

  constructor(name: string, args: SwarmClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:SwarmCluster", name, {}, componentOptions(opts));
    const { nodes, readyTimeoutSec = 60 } = args;
    checked(this, nodes.map(placeOf), swarmProblem);
    const managers = nodes.filter(({ role }) => role === "manager");
    const warning = managersWarning(managers.length);
    if (warning) pulumi.log.warn(`swarm ${name}: ${warning}`, this);
    const [first, ...otherManagers] = managers;
    if (!first) throw new pulumi.ResourceError("expected at least one member", this, true);

    const port = checked(this, args.dataPort ?? 4789, dataPortProblem);
    const pools = checked(
      this,
      { pools: args.pools ?? [], poolPrefix: args.poolPrefix ?? 24 },
      ({ pools, poolPrefix }) => poolsProblem(pools, poolPrefix),
    );
    const shape = {
      DATA_PORT: port.apply(String),
      POOLS: pools.apply((known) => known.pools.join(" ")),
      POOL_PREFIX: pools.apply((known) => String(known.poolPrefix)),
    };
    const node = (member: SwarmNode, variables: Record<string, pulumi.Input<string>>, expected: string) =>
      new HostScript(
        `${name}-${member.nodeName}`,
        {
          host: member.host,
          script: new URL("node.sh", import.meta.url),
          variables: {
            ADDRESS: member.address,
            DATA_ADDRESS: member.dataAddress ?? member.address,
            OWNER: args.owner ?? "",
            ...shape,
            ...variables,
          },
          identity: Object.keys(shape),
          expected,
          secretOutput: "OTHERS" in variables,
        },
        childOptions(opts, { parent: this }),
      ).stdout;
    const created = node(
      first,
      // A list of all nodes: the token is printed again when one is added.
      {
        OTHERS: otherManagers.map(({ address }) => address).join(" "),
        NODES: nodes.map(({ address }) => address).join(" "),
      },
      `cluster ${SWARM_ID}|token SWMTKN-1-[a-z0-9]+-[a-z0-9]+|node ${SWARM_ID}`,
    );
    const printed = (word: string) => created.apply((text) => wordAfter(text, word));
    const cluster = pulumi.unsecret(printed("cluster"));
    const join = { JOIN: first.address, CLUSTER: cluster, TOKEN: pulumi.secret(printed("token")) };
    const ids = nodes.map((member) =>
      member === first
        ? pulumi.unsecret(printed("node"))
        : node(member, join, `node ${SWARM_ID}`).apply((text) => wordAfter(text, "node")),
    );
    const roles = new HostScript(
      `${name}-roles`,
      {
        host: first.host,
        script: new URL("roles.sh", import.meta.url),
        variables: {
          CLUSTER: cluster,
          NODES: pulumi
            .all(ids)
            .apply((all) => nodes.map((each, index) => nodeLine(all[index] ?? "", each)).join("\n")),
          WITHIN: String(readyTimeoutSec),
        },
        expected: "[0-9]+ managers, [0-9]+ nodes",
      },
      childOptions(opts, { parent: this }),
    );

    this.clusterId = gated(cluster, roles.stdout);
    this.nodeIds = gated(
      pulumi
        .all(ids)
        .apply((all) => Object.fromEntries(nodes.map(({ nodeName }, index) => [nodeName, all[index] ?? ""]))),
      roles.stdout,
    );
    this.size = roles.stdout;
    this.registerOutputs({ clusterId: this.clusterId, nodeIds: this.nodeIds, size: this.size });
  }
}

const placeOf = ({ host: _, ...place }: SwarmNode): SwarmPlace => place;

/** What the line that begins with a word says; empty without such a line, as in a preview with Pulumi's mocks. */
const wordAfter = (text: string, word: string): string =>
  text
    .split("\n")
    .find((line) => line.startsWith(`${word} `))
    ?.slice(word.length + 1)
    .trim() ?? "";
