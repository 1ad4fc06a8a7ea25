import { setTimeout } from "node:timers/promises";
import { noNetwork } from "../../checks/kinds/swarmNetwork.ts";
import { slowest } from "../../checks/probe.ts";
import { type Result, verify } from "../../checks/verify.ts";
import { NO_IMAGE } from "../../faults/swarm.ts";
import type { HostSession, HostSessions } from "../../host/session.ts";
import { hostSessions } from "../../host/sessions.ts";
import { managersOf, type SwarmNode, swarmNodes } from "../../host/swarm.ts";
import { type Outputs, readOutputs } from "../../state/outputs.ts";
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

/** How long tasks may be on their way, on a host of usual speed, and the time between two looks. */
const SETTLE_MS = 30_000;
const LOOK_MS = 2_000;
/** The states of a task before it runs (docs.docker.com, How swarm mode works, task states). */
const ON_ITS_WAY = /; (new|pending|assigned|accepted|preparing|ready|starting) on /;

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
  const outputs = await readOutputs(environment);
  const { resources } = await readExport(environment);
  const checks = parts.map(({ check }) => check);
  const chosen = failedParts(await settledParts({ ...outputs, checks }), resources);
  if (chosen.length === 0) return;
  await replace(
    environment,
    chosen.map(({ urn }) => urn),
  );
}

/** The results of these checks once no task is on its way, or one has been for long. */
async function settledParts(outputs: Outputs): Promise<readonly Result[]> {
  const end = Date.now() + SETTLE_MS * slowest(outputs.hosts);
  for (;;) {
    const results = await verify(outputs);
    if (!results.some(isOnItsWay) || Date.now() > end) return results;
    await setTimeout(LOOK_MS);
  }
}

/** Whether a service has a task that is to run, and has not failed. */
export const isOnItsWay = ({ check, passed, actual }: Result): boolean =>
  !passed && check.kind === "swarmService" && ON_ITS_WAY.test(actual);

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
