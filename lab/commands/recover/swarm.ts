import type { Check } from "../../../stacks/checks.ts";
import type { Result } from "../../checks/verify.ts";
import type { HostSession, HostSessions } from "../../host/session.ts";
import { hostSessions } from "../../host/sessions.ts";
import { managersOf, type SwarmNode, swarmNodes } from "../../host/swarm.ts";
import { readOutputs } from "../../state/outputs.ts";
import { replace } from "../../state/pulumi.ts";
import { type Resource, readExport, scriptNameOf } from "../../state/stackExport.ts";
import type { Step } from "./step.ts";

/** The resources of services of which checks fail. */
export function failedServices(results: readonly Result[], resources: readonly Resource[]): Resource[] {
  const services = results.flatMap(({ passed, check }) =>
    !passed && check.kind === "swarmService" ? [check.service] : [],
  );
  return resources.filter(
    (each) =>
      each.type === "command:remote:Command" &&
      each.urn.includes("SwarmService$") &&
      services.includes(scriptNameOf(each)),
  );
}

/** The steps that put back what was changed by hand in a swarm, where checks of its nodes and services fail. */
export function swarmSteps(environment: string, results: readonly Result[] = []): Step[] {
  const wrong = results.filter(({ passed }) => !passed);
  const found = (kind: Check["kind"]) => wrong.filter(({ check }) => check.kind === kind).map(({ actual }) => actual);
  const [nodes, services] = [found("swarmNodes"), found("swarmService")];
  return [
    ...(nodes.length === 0
      ? []
      : [
          {
            found: `nodes of the swarm: ${nodes.join("; ")}`,
            does: "docker node update gives each node its role again and makes it active",
            act: () => settleNodes(environment, wrong),
          },
        ]),
    ...(services.length === 0
      ? []
      : [
          {
            found: `services of the swarm: ${services.join("; ")}`,
            does: "npx pulumi up --replace recreates these services; volumes are kept",
            act: async () => {
              const { resources } = await readExport(environment);
              const chosen = failedServices(results, resources);
              await replace(
                environment,
                chosen.map(({ urn }) => urn),
              );
            },
          },
        ]),
  ];
}

/** Nodes that do not answer, or have left, are not among them (managers.ts). */
async function settleNodes(environment: string, wrong: readonly Result[]): Promise<void> {
  const sessions = hostSessions((await readOutputs(environment)).hosts);
  for (const { check } of wrong) {
    if (check.kind !== "swarmNodes") continue;
    const asked = await managerOf(sessions, managersOf(check));
    if (!asked) continue;
    const { session, nodes } = asked;
    // Managers first: a swarm must not lose its last one.
    for (const [name, role] of Object.entries(check.expect).sort(([, a], [, b]) => (a < b ? -1 : 1))) {
      const node = nodes.find((each) => each.name === name && each.state === "ready");
      if (node) await session.run(["docker", "node", "update", "--role", role, "--availability", "active", node.id]);
    }
  }
}

/** A manager that has a quorum, and the nodes that it knows; undefined without one. */
async function managerOf(
  sessions: HostSessions,
  managers: readonly string[],
): Promise<{ readonly session: HostSession; readonly nodes: readonly SwarmNode[] } | undefined> {
  for (const name of managers) {
    const session = sessions(name);
    const nodes = await swarmNodes(session).catch(() => undefined);
    if (nodes) return { session, nodes };
  }
  return undefined;
}
