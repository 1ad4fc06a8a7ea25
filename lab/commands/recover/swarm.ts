import type { Result } from "../../checks/verify.ts";
import { pulumi } from "../../state/pulumi.ts";
import { type Resource, readExport } from "../../state/stackExport.ts";
import type { Step } from "./step.ts";

/** The resources whose scripts put back what failed checks say was changed by hand in a swarm. */
export function settling(results: readonly Result[], resources: readonly Resource[]): Resource[] {
  const failed = results.filter(({ passed }) => !passed).map(({ check }) => check);
  const roles = failed.some(({ kind }) => kind === "swarmNodes");
  const services = failed.flatMap((check) => (check.kind === "swarmService" ? [check.service] : []));
  return resources.filter(({ urn, type }) => {
    if (type !== "command:remote:Command") return false;
    const [name = ""] = (urn.split("::").at(-1) ?? "").split("@");
    if (urn.includes("SwarmCluster$")) return roles && name.endsWith("-roles");
    return urn.includes("SwarmService$") && services.includes(name);
  });
}

/** The step that has a swarm's managers set nodes and services as the lab says, where checks of them fail. */
export function swarmSteps(environment: string, results: readonly Result[] = []): Step[] {
  const wrong = results.filter(({ passed, check }) => !passed && ["swarmNodes", "swarmService"].includes(check.kind));
  if (wrong.length === 0) return [];
  return [
    {
      found: `the swarm is not as the lab says: ${wrong.map(({ actual }) => actual).join("; ")}`,
      does: "npx pulumi up --replace sets its nodes again and recreates these services; volumes are kept",
      act: async () => {
        const { resources } = await readExport(environment);
        await pulumi(environment, ["up", ...settling(results, resources).flatMap(({ urn }) => ["--replace", urn])]);
      },
    },
  ];
}
