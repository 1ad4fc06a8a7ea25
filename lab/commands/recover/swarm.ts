import { noNetwork } from "../../checks/kinds/swarmNetwork.ts";
import { type Result, verify } from "../../checks/verify.ts";
import { NO_IMAGE } from "../../faults/swarm.ts";
import type { HostSession, HostSessions } from "../../host/session.ts";
import { hostSessions } from "../../host/sessions.ts";
import { managersOf, type SwarmNode, swarmNodes } from "../../host/swarm.ts";
import { readOutputs } from "../../state/outputs.ts";
import { replace } from "../../state/pulumi.ts";
import { rerun } from "../../state/rerun.ts";
import { type Resource, readExport, scriptNameOf } from "../../state/stackExport.ts";
import type { Step } from "./step.ts";

/** The resources of networks that the managers do not have, and of services of which checks fail. */
export function failedParts(results: readonly Result[], resources: readonly Resource[]): Resource[] {
  const failed = results.filter(({ passed }) => !passed);
  const services = failed.flatMap(({ check }) => (check.kind === "swarmService" ? [check.service] : []));
  const networks = failed.filter(isLost).flatMap(({ check }) => (check.kind === "swarmNetwork" ? [check.network] : []));
  const isOf = (component: string, names: readonly string[], each: Resource) =>
    each.urn.includes(`${component}$command:`) && names.includes(scriptNameOf(each));
  return resources.filter((each) => isOf("SwarmService", services, each) || isOf("SwarmNetwork", networks, each));
}

const isLost = ({ check, actual }: Result): boolean =>
  check.kind === "swarmNetwork" && actual === noNetwork(check.network);

/** The steps that put back what was changed by hand in a swarm, where checks of it fail. */
export function swarmSteps(environment: string, results: readonly Result[] = []): Step[] {
  const wrong = results.filter(({ passed }) => !passed);
  const nodes = wrong.filter(({ check }) => check.kind === "swarmNodes");
  const parts = wrong.filter((each) => each.check.kind === "swarmService" || isLost(each));
  const bare = [...new Set(wrong.flatMap(hostsWithoutImage))];
  const said = (failed: readonly Result[]) => failed.map(({ actual }) => actual).join("; ");
  return [
    ...(nodes.length === 0
      ? []
      : [
          {
            found: `nodes of the swarm: ${said(nodes)}`,
            does: "docker node update gives each node its role and labels again and makes it active",
            act: () => settleNodes(environment, wrong),
          },
        ]),
    ...(bare.length === 0
      ? []
      : [
          {
            found: `images of services are missing on ${bare.join(", ")}`,
            does: "npx pulumi up sends them again; tasks that wait for them start by themselves",
            act: () => sendImages(environment, bare),
          },
        ]),
    ...(parts.length === 0
      ? []
      : [
          {
            found: `networks and services of the swarm: ${said(parts)}`,
            does: "npx pulumi up --replace recreates those that still fail; volumes are kept",
            act: () => replaceParts(environment, parts),
          },
        ]),
  ];
}

/** The hosts whose engines lack the image of a service, as its check says. */
export const hostsWithoutImage = ({ check, actual }: Result): string[] =>
  check.kind === "swarmService"
    ? [...actual.matchAll(/ on (\S+) \(([^)]*)/g)].flatMap(([, on = "", problem = ""]) =>
        NO_IMAGE.test(problem) ? [on] : [],
      )
    : [];

/** The scripts that send images to hosts. */
export const imageScripts = (hosts: readonly string[], resources: readonly Resource[]): string[] =>
  resources
    .filter(({ urn }) => urn.includes("ImageCopy$command:local:") && hosts.some((on) => urn.endsWith(`-${on}-sent`)))
    .map(({ urn }) => urn);

async function sendImages(environment: string, hosts: readonly string[]): Promise<void> {
  const { resources } = await readExport(environment);
  await rerun(environment, imageScripts(hosts, resources));
}

/** A task that waits for its node starts by itself when the node is there again. */
async function replaceParts(environment: string, parts: readonly Result[]): Promise<void> {
  const { hosts } = await readOutputs(environment);
  const { resources } = await readExport(environment);
  const chosen = failedParts(await verify({ checks: parts.map(({ check }) => check), hosts }), resources);
  if (chosen.length === 0) return;
  await replace(
    environment,
    chosen.map(({ urn }) => urn),
  );
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
      const labels = Object.entries(check.labels?.[name] ?? {}).flatMap((each) => ["--label-add", each.join("=")]);
      const wanted = ["--role", role, "--availability", "active", ...labels];
      if (node) await session.run(["docker", "node", "update", ...wanted, node.id]);
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
