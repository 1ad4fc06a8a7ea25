import { stackLabels } from "../../../components/lib/identity.ts";
import { hostId, hostOf, nodeId } from "../../../components/lib/nodeId.ts";
import type { Topology, TopologyLink, TopologyNode } from "../../../stacks/topology.ts";
import { verify } from "../../checks/verify.ts";
import { identityOf } from "../../state/environments.ts";
import type { Outputs } from "../../state/outputs.ts";
import { withMarks } from "./checkMarks.ts";
import { seeLink, seeNode, type Views } from "./live.ts";
import { linkId, type Model, type ModelCheck, type ModelLink, type ModelNode } from "./model.ts";
import { type Snapshot, takeSnapshots, type Wanted } from "./snapshot.ts";

/** The topology with its live state and the results of its checks. */
export async function liveModel(environment: string, outputs: Outputs): Promise<Model> {
  const labels = stackLabels(identityOf(environment));
  const { topology } = outputs;
  const generatedAt = new Date().toISOString().replace(/\.\d+/, "");
  // In sequence: checks send packets and briefly run a container.
  const snapshots = await takeSnapshots(outputs.hosts, labels, wantedOf(topology));
  const checks = withMarks(environment, topology, await verify(outputs));
  const whole = withUnexpected(topology, snapshots);
  const nodes = whole.nodes.map((node): ModelNode => ({ ...node, state: "unknown", live: {}, failed: [] }));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const views: Views = {
    node: (id) => byId.get(id) as ModelNode,
    snapshotOf: ({ id, kind, in: within }) => {
      const snapshot = snapshots.get(hostOf(kind === "host" ? id : (within ?? hostId(undefined))));
      return snapshot?.reached ? snapshot : undefined;
    },
  };
  const expected = new Set([...topology.nodes.map(({ id }) => id), ...topology.links.map(linkId)]);
  const failures = checks.filter(({ passed }) => !passed);
  const seen = <T extends ModelNode | ModelLink>(part: T, { state, live }: Pick<T, "state" | "live">): T => ({
    ...part,
    state: expected.has(part.id) ? state : "unexpected",
    live,
    failed: failures.filter((check) => blames(check, part.id)).map(({ id }) => id),
  });
  return {
    environment,
    live: true,
    generatedAt,
    nodes: nodes.map((node) => seen(node, seeNode(node, views))),
    links: whole.links.map((each) => {
      const link: ModelLink = { ...each, id: linkId(each), state: "unknown", live: {}, failed: [] };
      return seen(link, seeLink(link, views));
    }),
    checks,
  };
}

/** Whether a failed check concerns a part: its links if it is about a path, else its nodes. */
const blames = ({ nodes, links }: ModelCheck, id: string): boolean => (links.length > 0 ? links : nodes).includes(id);

/** What to inspect on each host. */
function wantedOf({ nodes }: Topology): Wanted[] {
  return nodes.flatMap(({ id, kind }) => {
    if (kind !== "host") return [];
    const own = nodes.filter((node) => node.in === id);
    const names = (of: TopologyNode["kind"]) => own.filter((node) => node.kind === of).map(({ name }) => name);
    const member = names("member").length > 0;
    return [{ host: hostOf(id), containers: names("container"), namespaces: names("namespace"), member }];
  });
}

/** The topology plus objects that carry the environment's labels and are not in it. */
function withUnexpected(topology: Topology, snapshots: ReadonlyMap<string | undefined, Snapshot>): Topology {
  const nodes = [...topology.nodes];
  const links = [...topology.links];
  for (const [host, { own, containers, networks }] of snapshots) {
    const idOf = (kind: "container" | "network", name: string) => nodeId(kind, name, host);
    const add = (kind: "container" | "network", name: string, facts: TopologyNode["facts"]) => {
      const id = idOf(kind, name);
      if (nodes.some((node) => node.id === id)) return false;
      nodes.push({ id, kind, name, in: hostId(host), facts });
      return true;
    };
    for (const { name, driver } of networks.values()) if (own.has(name)) add("network", name, { driver });
    for (const { name, addresses } of containers.values()) {
      if (!own.has(name) || !add("container", name, {})) continue;
      const cables = Object.keys(addresses).map(
        (network): TopologyLink => ({
          kind: "veth",
          from: idOf("container", name),
          to: idOf("network", network),
          facts: {},
        }),
      );
      links.push(...cables.filter(({ to }) => nodes.some(({ id }) => id === to)));
    }
  }
  return { nodes, links };
}
