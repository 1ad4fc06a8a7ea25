import * as z from "zod";
import { failureTolerance } from "../../components/lib/etcd.ts";
import { ProbeError } from "./probeError.ts";
import { readJson } from "./readJson.ts";
import type { HostSession, HostSessions } from "./session.ts";

/** A node of a swarm, as a manager knows it. */
export interface SwarmNode {
  readonly id: string;
  /** Name of its host in the environment: its label; else its hostname. */
  readonly name: string;
  readonly role: string;
  /** `ready` or `down`. */
  readonly state: string;
  /** `active`, `pause` or `drain`. */
  readonly availability: string;
  /** `reachable` or not, of a manager. */
  readonly reachability: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** The role of each node of a swarm, by the name of its host. */
export type SwarmRoles = Readonly<Record<string, "manager" | "worker">>;

const Node = z.object({
  ID: z.string(),
  Spec: z.object({
    Labels: z.record(z.string(), z.string()).nullish(),
    Role: z.string(),
    Availability: z.string(),
  }),
  Description: z.object({ Hostname: z.string() }),
  Status: z.object({ State: z.string() }),
  ManagerStatus: z.object({ Reachability: z.string().default("") }).nullish(),
});

/** The nodes of the swarm of which a host is a manager. Throws a ProbeError where it is none, or has no quorum. */
export async function swarmNodes(session: HostSession): Promise<SwarmNode[]> {
  const printed = await asked(session, "docker node inspect $(docker node ls --quiet)");
  return readJson(z.array(Node), printed, "docker node inspect").map(
    ({ ID, Spec, Description, Status, ManagerStatus }) => ({
      id: ID,
      name: Spec.Labels?.["dockernet.host"] ?? Description.Hostname,
      role: Spec.Role,
      state: Status.State,
      availability: Spec.Availability,
      reachability: ManagerStatus?.Reachability,
      labels: Spec.Labels ?? {},
    }),
  );
}

const Self = z.object({
  LocalNodeState: z.string(),
  NodeID: z.string().default(""),
  Error: z.string().default(""),
  ControlAvailable: z.boolean().default(false),
  Cluster: z.object({ ID: z.string() }).nullish(),
});

/** An engine whose swarm has just lost its leader looks for another one for 20 seconds before it answers. */
const SELF_MS = 30_000;

/** What an engine is in a swarm, as it says itself. */
export interface SwarmSelf {
  /** `active`; `inactive` in no swarm; `pending` while it finds no manager; `error` if it cannot take part. */
  readonly state: string;
  /** Its id in the swarm; empty in no swarm. */
  readonly nodeId: string;
  /** Why it does not take part; empty if it does. */
  readonly problem: string;
  /** Whether it is a manager, also without a quorum. */
  readonly isManager: boolean;
}

/** It; undefined where no engine answers. */
export async function swarmSelf(session: HostSession): Promise<SwarmSelf | undefined> {
  const command = ["docker", "info", "--format", "{{json .Swarm}}"];
  const printed = await session.run(command, SELF_MS).catch(() => undefined);
  if (printed === undefined) return undefined;
  const self = readJson(Self, printed, "docker info");
  return { state: self.LocalNodeState, nodeId: self.NodeID, problem: self.Error, isManager: self.ControlAvailable };
}

/** The managers of a swarm, by the names of their hosts: the one that is asked first, and the others. */
export const managersOf = ({ on, expect }: { readonly on: string; readonly expect: SwarmRoles }): string[] => [
  ...new Set([on, ...Object.keys(expect).filter((name) => expect[name] === "manager")]),
];

/** The nodes of a swarm, by the first of its managers that knows them. Throws a ProbeError where none does. */
export async function nodesOfAny(sessions: HostSessions, managers: readonly string[]): Promise<SwarmNode[]> {
  const answers = await Promise.allSettled(managers.map((name) => swarmNodes(sessions(name))));
  const known = answers.find((answer) => answer.status === "fulfilled");
  if (known) return known.value;
  const problems = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
  const unexpected = problems.find((each) => !(each instanceof ProbeError));
  if (unexpected) throw unexpected;
  if (!problems.some((each) => each instanceof QuorumError)) throw problems[0];
  const size = managers.length;
  const present = managers.filter((_, index) => problems[index] instanceof QuorumError);
  throw new QuorumError(
    `the managers of the swarm have no quorum: ${present.length} of ${size} answer (${present.join(", ")}), ` +
      `${size - failureTolerance(size)} must`,
  );
}

/** A manager answers that too few of the others do. */
export class QuorumError extends ProbeError {}

/** A task of a service. */
export interface SwarmTask {
  readonly nodeId: string;
  /** `running`, which with a health check means that it is healthy; `starting`, `pending` and others. */
  readonly state: string;
  /** Why it does not run; empty if it does. */
  readonly problem: string;
}

const Task = z.object({
  NodeID: z.string().default(""),
  /** Number of the task in its service, of a service that has a number of tasks. */
  Slot: z.int().default(0),
  CreatedAt: z.string().default(""),
  DesiredState: z.string(),
  Status: z.object({ State: z.string(), Err: z.string().default(""), Message: z.string().default("") }),
});

type Task = z.infer<typeof Task>;

/** The tasks of a service that are to run, and those that failed and have no successor yet; undefined where there is no such service. */
export async function swarmTasks(session: HostSession, service: string): Promise<SwarmTask[] | undefined> {
  if ((await session.attempt(["docker", "service", "inspect", service])) === undefined) {
    await swarmNodes(session);
    return undefined;
  }
  const ids = `ids=$(docker service ps --quiet --no-trunc "$0"); test -n "$ids"`;
  const printed = await session.attempt([
    "sh",
    "-c",
    `${ids} && docker inspect --type task $ids || echo '[]'`,
    service,
  ]);
  const all = readJson(z.array(Task), printed ?? "", "docker inspect --type task");
  const ended = all.filter((task) => !isWanted(task)).sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1));
  const wanted = all.filter(isWanted);
  const failed = ended.filter(
    (task) => isFailed(task) && [...wanted, ...ended].find((each) => isSamePlace(each, task)) === task,
  );
  return [...wanted, ...failed].map((task) => ({
    nodeId: task.NodeID,
    state: task.Status.State,
    problem: task.Status.Err || before(task, ended) || task.Status.Message,
  }));
}

/** A task that is about to replace one that failed is to be `ready` until its time has come. */
const isWanted = ({ DesiredState }: Task): boolean => DesiredState === "running" || DesiredState === "ready";

/** Why the task failed that this one replaces; empty if there is none. `ended` begins with the last one. */
function before(task: Task, ended: readonly Task[]): string {
  const problem = task.Status.State === "running" ? "" : ended.find((each) => isSamePlace(each, task))?.Status.Err;
  return problem ? `the one before: ${problem}` : "";
}

/** Whether a task failed. The managers start another one a moment later. */
const isFailed = ({ Status }: Task): boolean => Status.State === "failed" || Status.State === "rejected";

const isSamePlace = (one: Task, other: Task): boolean =>
  one.Slot === other.Slot && (one.Slot !== 0 || one.NodeID === other.NodeID);

/** The number of tasks that a service is to have; undefined of one that has one on each node, or is not there. */
export async function swarmReplicas(session: HostSession, service: string): Promise<number | undefined> {
  const format = "{{with .Spec.Mode.Replicated}}{{.Replicas}}{{end}}";
  const printed = await session.attempt(["docker", "service", "inspect", "--format", format, service]);
  return /^\d+$/.test(printed ?? "") ? Number(printed) : undefined;
}

async function asked(session: HostSession, command: string): Promise<string> {
  const { ok, text } = await session.say(["sh", "-c", command]);
  if (ok) return text;
  if (/not a swarm manager/i.test(text)) throw new ProbeError("the engine is no manager of a swarm");
  if (/does not have a leader|deadline exceeded/i.test(text))
    throw new QuorumError("the managers of the swarm have no quorum");
  throw new ProbeError(`the manager does not answer: ${text.split("\n").at(-1)}`);
}
