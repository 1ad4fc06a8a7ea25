import pMap from "p-map";
import { hostOf } from "../../components/lib/nodeId.ts";
import { causesOf } from "../../lab/checks/causes.ts";
import { containerFaults } from "../../lab/faults/container.ts";
import { type Context, contextOf, environmentHost, type Fault } from "../../lab/faults/context.ts";
import { hostFaults, memberFaults } from "../../lab/faults/host.ts";
import { namespaceFaults } from "../../lab/faults/namespace.ts";
import { networkFaults } from "../../lab/faults/network.ts";
import { portFaults } from "../../lab/faults/port.ts";
import type { Outputs } from "../../lab/state/outputs.ts";
import type { Check } from "../../stacks/checks.ts";
import type { TopologyNode } from "../../stacks/topology.ts";

/** Number of objects that are explained in parallel. */
const AT_ONCE = 4;

/**
 * All faults that `lab explain` reports, each once: for every object of an environment, and as the cause of these
 * checks, whether they fail or not.
 */
export async function accusations(
  environment: string,
  outputs: Outputs,
  checks: readonly Check[] = oneOfEachKind(outputs.checks),
): Promise<string[]> {
  const context = contextOf(environment, outputs);
  const nodes = outputs.topology.nodes.filter(({ kind, in: within }) => kind === "host" || within !== undefined);
  const faults = await pMap(nodes, (node) => faultsOf(context, node), { concurrency: AT_ONCE });
  const causes = await pMap(checks, (check) => causesOf(context, check), { concurrency: AT_ONCE });
  return [...new Set([...faults.flat(), ...causes.flat()].map(({ title }) => title))];
}

function faultsOf(context: Context, { id, kind, name, facts }: TopologyNode): Promise<Fault[]> {
  const host = environmentHost(context, hostOf(id));
  switch (kind) {
    case "container":
      return containerFaults(context, host, name);
    case "network":
      return networkFaults(context, host, name);
    case "namespace":
      return namespaceFaults(context, host, name);
    case "port":
      return portFaults(context, Number(facts.port));
    case "member":
      return memberFaults(context, host);
    default:
      return hostFaults(host);
  }
}

/** One check of each kind for each lab: causes of a kind are found the same way. */
const oneOfEachKind = (checks: readonly Check[]): Check[] => [
  ...new Map(checks.map((check) => [`${check.lab} ${check.kind}`, check])).values(),
];

/** The names in a check. */
export function namesIn(check: Check): string[] {
  const names: string[] = [];
  JSON.stringify(check, (field, value) => {
    if (["container", "namespace", "network", "of", "gateway"].includes(field) && typeof value === "string")
      names.push(value);
    return value;
  });
  return names;
}
