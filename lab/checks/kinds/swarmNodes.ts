import { missingLabels, swarmNodeFaults } from "../../faults/swarm.ts";
import type { HostSessions } from "../../host/session.ts";
import { managersOf, nodesOfAny, type SwarmNode } from "../../host/swarm.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host } from "../participants.ts";

export default {
  how: "the managers are asked for the nodes of their swarm, and for the role, state and labels of each",
  mayBe: "a node that is off, that has left, or that was drained, promoted, demoted or labelled by hand",
  probe,
  causes: ({ expect }, context) => swarmNodeFaults(context, Object.keys(expect)),
  participants: ({ expect }) => Object.keys(expect).map(host),
  marks: ({ expect }, find) => ({ nodes: Object.keys(expect).map(find.host) }),
} satisfies CheckKind<"swarmNodes">;

/** Whether all nodes of a swarm take part in it, each in its role. */
async function probe({ on, expect, labels = {} }: CheckOf<"swarmNodes">, sessions: HostSessions): Promise<ProbeResult> {
  const nodes = await nodesOfAny(sessions, managersOf({ on, expect }));
  const wrong = [
    ...Object.entries(expect).flatMap(([name, role]) =>
      problemOf(
        name,
        role,
        nodes.filter((node) => node.name === name),
        labels[name],
      ),
    ),
    ...nodes.filter(({ name }) => !(name in expect)).map(({ name }) => `${name} is a node, too`),
  ];
  const managers = nodes.filter(({ role }) => role === "manager").map(({ name }) => name);
  const fine = `${nodes.length} nodes are ready, managers: ${managers.join(", ")}`;
  return { passed: wrong.length === 0, actual: wrong.join(", ") || fine };
}

function problemOf(
  name: string,
  role: string,
  [node, other]: readonly SwarmNode[],
  labels: SwarmNode["labels"] | undefined,
): string[] {
  if (!node) return [`${name} is no node`];
  if (other) return [`${name} is two nodes, ${node.state} and ${other.state}`];
  return [
    ...(node.state === "ready" ? [] : [`${name} is ${node.state}`]),
    ...(node.availability === "active" ? [] : [`${name} is set to ${node.availability}`]),
    ...(node.role === role ? [] : [`${name} is a ${node.role}`]),
    ...(node.reachability === undefined || node.reachability === "reachable"
      ? []
      : [`${name} is ${node.reachability}`]),
    ...missingLabels(labels, node.labels).map((label) => `${name} does not have the label ${label}`),
  ];
}
