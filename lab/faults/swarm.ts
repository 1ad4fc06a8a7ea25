import { ProbeError } from "../host/probeError.ts";
import { managersOf, nodesOfAny, swarmReplicas, swarmTasks } from "../host/swarm.ts";
import { type Context, type EnvironmentHost, environmentHost, type Fault } from "./context.ts";

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
    return names.flatMap((name): Fault[] => {
      const own = nodes.filter((node) => node.name === name);
      const [node] = own;
      if (!node)
        return [{ title: `${name} is no node of the swarm: its engine has left, or was removed`, fix: again(context) }];
      if (own.length > 1)
        return [
          { title: `${name} is two nodes of the swarm: its engine has joined a second time`, fix: again(context) },
        ];
      return [
        ...(node.state === "ready"
          ? []
          : [{ title: `the engine of ${name} does not answer the managers of the swarm` }]),
        ...(node.availability === "active"
          ? []
          : [{ title: `${name} is set to ${node.availability}, so it takes no tasks`, fix: again(context) }]),
      ];
    });
  });
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
        .map(({ state, problem }) => ({
          title: `a task of the service ${service} is ${state}: ${problem}`,
          symptom: true as const,
        })),
    ];
  });
}
