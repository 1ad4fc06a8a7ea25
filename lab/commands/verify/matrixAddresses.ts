import { withoutPrefix } from "../../../components/lib/cidr.ts";
import { hostOf } from "../../../components/lib/nodeId.ts";
import type { Topology, TopologyLink, TopologyNode } from "../../../stacks/topology.ts";
import { ProbeError } from "../../host/probeError.ts";
import type { HostSessions } from "../../host/session.ts";
import type { Path } from "../../topology/paths.ts";

/**
 * The destination address of a packet to a node on that path: the one on the network that the packet comes from, if the
 * node has several. Undefined if the node has none.
 */
export async function addressOn(
  topology: Topology,
  all: HostSessions,
  { hops }: Path,
  to: TopologyNode,
): Promise<string | undefined> {
  const node = (id: string | undefined) => topology.nodes.find((each) => each.id === id);
  const last = hops.findLast((hop) => hop.to === to.id);
  const cable =
    last?.link ?? topology.links.find(({ kind, from, to: end }) => kind === "veth" && [from, end].includes(to.id));
  if (to.facts.address !== undefined) return to.facts.address;
  if (to.kind === "namespace") return cable && endAddress(cable, to.id);
  if (to.kind === "container") return containerAddress(all, to, hostOfContainer(topology, to), node(last?.from)?.name);
  if (last?.link) return endAddress(last.link, to.id);
  // A host with several bridges: the one that the packet comes from, or any.
  const bridge = node(last?.from)?.kind === "network" ? node(last?.from) : aBridge(topology, to);
  if (!bridge) return undefined;
  return bridge.facts.gateway ?? (await all(undefined).networks()).get(bridge.name)?.gateway;
}

const endAddress = ({ from, facts }: TopologyLink, id: string): string | undefined => {
  const address = from === id ? facts.fromAddress : facts.toAddress;
  return address === undefined ? undefined : withoutPrefix(address);
};

const aBridge = ({ nodes }: Topology, host: TopologyNode): TopologyNode | undefined =>
  nodes.find((each) => each.kind === "network" && each.in === host.id && each.facts.driver === "bridge");

/** The host's name; undefined for the host that runs this command. */
function hostOfContainer({ nodes }: Topology, container: TopologyNode): string | undefined {
  const host = nodes.find(({ id }) => id === container.in);
  return host && hostOf(host.id);
}

async function containerAddress(
  all: HostSessions,
  { name }: TopologyNode,
  on: string | undefined,
  network: string | undefined,
): Promise<string | undefined> {
  try {
    const { addresses = {} } = (await all(on).containers()).get(name) ?? {};
    const known = (network === undefined ? undefined : addresses[network]) ?? Object.values(addresses)[0];
    return known === "" ? undefined : known;
  } catch (error) {
    if (error instanceof ProbeError) return undefined;
    throw error;
  }
}
