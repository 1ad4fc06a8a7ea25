import { isAddress } from "./cidr.ts";
import { failureTolerance } from "./etcd.ts";
import { reservedProblem } from "./ranges.ts";

/** Name, address and role of a node of a swarm. */
export interface SwarmPlace {
  /** Name of the node: letters, digits and hyphens. It is part of resource names, and the node's label `dockernet.host`. */
  readonly nodeName: string;
  /** IPv4 address that the node advertises to the others (TCP ports 2377 of a manager and 7946, UDP port 7946). */
  readonly address: string;
  /**
   * IPv4 address to which the other nodes send the packets of containers (VXLAN).
   * @default - `address`
   */
  readonly dataAddress?: string;
  /**
   * Whether the node takes part in the decisions of the swarm (`manager`) or only runs tasks (`worker`). A manager runs tasks, too.
   * @default "worker"
   */
  readonly role?: "manager" | "worker";
  /**
   * Whether the node runs tasks of services: `active`, `pause` (no new ones) or `drain` (none). Containers are not affected.
   * @default "active"
   */
  readonly availability?: "active" | "pause" | "drain";
  /**
   * Labels of the node, which services are placed by (`node.labels.KEY==VALUE`). Any other label of the node is removed.
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Maximum number of managers: with more, each write waits for more replies (Docker's documentation). */
const MOST_MANAGERS = 7;

/** An error message if no swarm can be made of these nodes; undefined otherwise. */
export function swarmProblem(nodes: readonly SwarmPlace[]): string | undefined {
  const managers = nodes.filter(({ role }) => role === "manager");
  if (managers.length < 1 || managers.length > MOST_MANAGERS) {
    return `expected 1 to ${MOST_MANAGERS} managers of a swarm, got ${managers.length}`;
  }
  const twice = repeated(nodes.map(({ nodeName }) => nodeName)) ?? repeated(nodes.map(({ address }) => address));
  return nodes.map(placeProblem).find(Boolean) ?? (twice && `two nodes of a swarm cannot both be ${twice}`);
}

const repeated = (values: readonly string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) < index);

function placeProblem({ nodeName, address, dataAddress = address, labels = {} }: SwarmPlace): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/.test(nodeName)) {
    return `expected a swarm node name of 1 to 63 letters, digits and hyphens, got ${JSON.stringify(nodeName)}`;
  }
  const wrong = [address, dataAddress].find((each) => !isAddress(each));
  if (wrong !== undefined) return `swarm node ${nodeName}: expected an IPv4 address, got ${JSON.stringify(wrong)}`;
  const label = Object.entries(labels).find(([key, value]) => !/^[\w.-]+$/.test(key) || !/^[\w.-]*$/.test(value));
  return label && `swarm node ${nodeName}: expected a label of letters, digits and _.-, got ${JSON.stringify(label)}`;
}

/** An error message if the engine does not accept a UDP port for VXLAN; undefined otherwise. */
export const dataPortProblem = (port: number): string | undefined =>
  Number.isInteger(port) && port >= 1024 && port <= 49_151
    ? undefined
    : `expected a UDP port of 1024 to 49151 for a swarm's VXLAN packets, got ${port}`;

/** An error message if blocks cannot be pools for networks of this prefix length; undefined otherwise. */
export function poolsProblem(pools: readonly string[], prefix: number): string | undefined {
  const [wrong] = pools.flatMap((pool) => reservedProblem(pool) ?? []);
  if (wrong) return wrong;
  const small = pools.find((pool) => Number(pool.split("/")[1]) > prefix);
  const isPrefix = Number.isInteger(prefix) && prefix <= 29;
  if (small === undefined && isPrefix) return undefined;
  return `expected pools of a swarm that are larger than a network of /${prefix}, and at most /29, got ${small ?? prefix}`;
}

/** A node as a line for the scripts: id, name, role, availability and labels. */
export const nodeLine = (
  id: string,
  { nodeName, role = "worker", availability = "active", labels = {} }: SwarmPlace,
): string =>
  [
    id,
    nodeName,
    role,
    availability,
    ...Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
  ].join(" ");

/** A warning that an even number of managers tolerates no more failures than one less; undefined for an odd number. */
export function managersWarning(count: number): string | undefined {
  if (count % 2 === 1) return undefined;
  const tolerated = failureTolerance(count);
  return `${count} managers tolerate ${tolerated} failures, no more than ${count - 1} would`;
}
