import { parseNodeId } from "../../../components/lib/nodeId.ts";
import { missingNetworks } from "../../faults/container.ts";
import { expectedOf } from "../../faults/expected.ts";
import type { HostSessions } from "../../host/session.ts";
import { hostSessions } from "../../host/sessions.ts";
import type { Outputs } from "../../state/outputs.ts";
import { replace } from "../../state/pulumi.ts";
import { type Resource, readExport } from "../../state/stackExport.ts";
import type { Step } from "./step.ts";

/** A container on a host of a swarm that runs, and is no longer on networks on which the state says that it is. */
export interface Detached {
  readonly name: string;
  readonly on: string;
  readonly networks: readonly string[];
}

/** Such containers: an engine that leaves its swarm takes them off the swarm's networks, and no refresh sees that. */
export async function detachedContainers(
  { checks, topology, hosts }: Outputs,
  sessions: HostSessions = hostSessions(hosts),
): Promise<Detached[]> {
  const swarm = new Set(checks.flatMap((check) => (check.kind === "swarmNodes" ? Object.keys(check.expect) : [])));
  const found = topology.nodes.map(async ({ id, kind, name }): Promise<Detached[]> => {
    const { on } = parseNodeId(id);
    if (kind !== "container" || on === undefined || !swarm.has(on)) return [];
    const container = (
      await sessions(on)
        .containers()
        .catch(() => undefined)
    )?.get(name);
    const expected = expectedOf(topology, name, on);
    const networks = container?.running && expected ? missingNetworks(container, expected) : [];
    return networks.length === 0 ? [] : [{ name, on, networks }];
  });
  return (await Promise.all(found)).flat();
}

export const detachedSteps = (environment: string, detached: readonly Detached[] = []): Step[] =>
  detached.length === 0
    ? []
    : [
        {
          found: `containers that are no longer on their networks: ${detached.map(inWords).join(", ")}`,
          does: "npx pulumi up --replace recreates them; volumes are kept",
          act: async () => {
            await replace(environment, containerUrns(detached, (await readExport(environment)).resources));
          },
        },
      ];

const inWords = ({ name, on, networks }: Detached): string => `${name} on ${on} (${networks.join(", ")})`;

/** The resources that are these containers. A task's container is none. */
export const containerUrns = (detached: readonly Detached[], resources: readonly Resource[]): string[] =>
  resources
    .filter(({ type, outputs, provider }) =>
      detached.some(
        ({ name, on }) =>
          type === "docker:index/container:Container" && outputs?.name === name && provider?.includes(`::${on}::`),
      ),
    )
    .map(({ urn }) => urn);
