import { ProbeError } from "../host/probeError.ts";
import {
  managersOf,
  nodesOfAny,
  type SwarmNode,
  type SwarmTask,
  swarmNodes,
  swarmReplicas,
  swarmSelf,
  swarmTasks,
} from "../host/swarm.ts";
import { type Context, type EnvironmentHost, environmentHost, type Fault } from "./context.ts";
import { firewallFaults } from "./packet.ts";

/** What makes the managers of a swarm put back what was changed by hand. */
const again = ({ environment }: Context): string => `npx lab recover ${environment}`;

/** Whether a container of an environment is a task of a service, which its swarm replaces. */
export const isTask = ({ outputs: { checks } }: Context, name: string): boolean =>
  checks.some((check) => check.kind === "swarmService" && check.service === name);

/** Faults that a manager tells of, or the fault that it does not answer. */
const unlessUnanswered = (context: Context, ask: () => Promise<Fault[]>): Promise<Fault[]> =>
  ask().catch((error) => {
    if (error instanceof ProbeError) return [{ title: error.message, fix: again(context) }];
    throw error;
  });

/** The managers of the swarm of an environment. */
const allManagers = ({ outputs: { checks } }: Context): string[] => [
  ...new Set(checks.flatMap((check) => (check.kind === "swarmNodes" ? managersOf(check) : []))),
];

/** What is wrong with nodes of a swarm, as a manager sees them. */
export async function swarmNodeFaults(context: Context, names: readonly string[]): Promise<Fault[]> {
  return unlessUnanswered(context, async () => {
    const sessions = (name: string | undefined) => environmentHost(context, name).session;
    const nodes = await nodesOfAny(sessions, allManagers(context));
    const faults = names.map(async (name): Promise<Fault[]> => {
      const own = nodes.filter((node) => node.name === name);
      const [node] = own;
      if (!node)
        return [{ title: `${name} is no node of the swarm: its engine has left, or was removed`, fix: again(context) }];
      if (own.length > 1)
        return [
          { title: `${name} is two nodes of the swarm: its engine has joined a second time`, fix: again(context) },
        ];
      return [...(node.state === "ready" ? [] : [await silentFault(context, name)]), ...changedFaults(context, node)];
    });
    return (await Promise.all(faults)).flat();
  });
}

/** Why a node does not answer the managers, as far as its engine tells. */
async function silentFault(context: Context, name: string): Promise<Fault> {
  const self = await swarmSelf(environmentHost(context, name).session);
  if (self?.state === "inactive") {
    const title = `${name} is in no swarm: its engine has left, or lost the data of the swarm`;
    return { title, fix: again(context) };
  }
  if (self?.state === "error") {
    return { title: `${name} cannot take part in the swarm: ${self.problem}`, fix: again(context) };
  }
  return { title: `the engine of ${name} does not answer the managers of the swarm`, symptom: true };
}

/** What was changed of a node by hand. */
function changedFaults(context: Context, { name, role, availability, labels }: SwarmNode): Fault[] {
  const checks = context.outputs.checks.flatMap((check) => (check.kind === "swarmNodes" ? [check] : []));
  const roles = checks.flatMap(({ expect }) => expect[name] ?? []);
  const missing = checks.flatMap((check) => missingLabels(check.labels?.[name], labels));
  const fix = again(context);
  return [
    ...(availability === "active" ? [] : [{ title: `${name} is set to ${availability}, so it takes no tasks`, fix }]),
    ...roles
      .filter((wanted) => wanted !== role)
      .map((wanted) => ({ title: `${name} is a ${role}, the lab has a ${wanted}: it was changed by hand`, fix })),
    ...missing.map((label) => ({ title: `${name} does not have the label ${label}, by which tasks are placed`, fix })),
  ];
}

/** The labels of a node that it should have and does not, as `KEY=VALUE`. */
export const missingLabels = (expected: SwarmNode["labels"] = {}, labels: SwarmNode["labels"] = {}): string[] =>
  Object.entries(expected).flatMap(([key, value]) => (labels[key] === value ? [] : [`${key}=${value}`]));

/** Ports that must be open between the hosts of a swarm. */
const PORTS = [
  { protocol: "tcp", port: 2377 },
  { protocol: "tcp", port: 7946 },
  { protocol: "udp", port: 7946 },
  { protocol: "udp", port: 4789 },
] as const;

/** Firewall rules, not Docker's, that may stop packets between the hosts of the swarm of a lab. */
export async function swarmPortFaults({ outputs, hosts }: Context, lab: string): Promise<Fault[]> {
  const names = outputs.checks.flatMap((check) =>
    check.kind === "swarmNodes" && check.lab === lab ? Object.keys(check.expect) : [],
  );
  const addresses = names.flatMap((name) => outputs.hosts[name]?.address ?? []);
  const found = hosts.map(async (host) => {
    if (host.on === undefined || !names.includes(host.on)) return [];
    const traffic = { containers: [], addresses, failure: "lost", own: true } as const;
    const faults = await Promise.all(PORTS.map((port) => firewallFaults(host, { ...traffic, ...port })));
    return faults
      .flat()
      .map(({ title, fix }) => ({ title: `on ${host.name}, ${title}`, fix: `on ${host.name}: ${fix}` }));
  });
  return (await Promise.all(found)).flat();
}

/** What is wrong with a service, as a manager sees it. */
export async function serviceFaults(
  context: Context,
  { session }: EnvironmentHost,
  service: string,
  tasks: number,
): Promise<Fault[]> {
  return unlessUnanswered(context, async () => {
    const found = await swarmTasks(session, service);
    const replicas = await swarmReplicas(session, service);
    const names = new Map((await swarmNodes(session)).map(({ id, name }) => [id, name]));
    if (!found) return [{ title: `the managers have no service ${service}: it was removed`, fix: again(context) }];
    return [
      ...(replicas === undefined || replicas === tasks
        ? []
        : [
            {
              title: `the service ${service} is to have ${replicas} tasks, the lab ${tasks}: it was scaled by hand`,
              fix: again(context),
            },
          ]),
      ...found
        .filter(({ state }) => state !== "running")
        .map((task) => taskFault(context, service, task, names.get(task.nodeId))),
    ];
  });
}

/** What an engine says of an image that it does not have, and cannot pull. */
export const NO_IMAGE = /no such image/i;

function taskFault(
  context: Context,
  service: string,
  { state, problem }: Pick<SwarmTask, "state" | "problem">,
  on: string | undefined,
): Fault {
  if (on !== undefined && NO_IMAGE.test(problem)) {
    return { title: `${on} has no image of the service ${service} (${problem}): it was removed`, fix: again(context) };
  }
  const where = on === undefined ? "" : ` on ${on}`;
  return { title: `a task of the service ${service}${where} is ${state}: ${problem}`, symptom: true };
}
