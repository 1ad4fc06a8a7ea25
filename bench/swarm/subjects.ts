import { assignments, readScript } from "../../components/host-script/scriptText.ts";
import { runOverSsh } from "../../lab/host/overSsh.ts";
import { project } from "../project.ts";
import type { Swarm } from "./swarm.ts";
import { REPLICAS, serviceNames, stackFile } from "./workload.ts";

/** The measured tasks. The names are the rows of the report. */
export const TASKS = ["up", "preview", "update", "down"] as const;
export type Task = (typeof TASKS)[number];

/** A tool that creates, changes and removes services. A task ends when the tool ends; it may leave the waiting to others. */
export interface Subject {
  readonly name: string;
  readonly tasks: Partial<Readonly<Record<Task, () => Promise<unknown>>>>;
  /** Waits until a task has the effect that it is measured by, which is the same for all subjects. */
  readonly settled: (task: Task) => Promise<unknown>;
  /** Unmeasured steps, once: before the first task, and after the last. */
  readonly before?: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

/** Makes a subject that creates this number of services. */
export type MakeSubject = (swarm: Swarm, services: number, work: string, signal: AbortSignal) => Subject;

const SCRIPT = new URL("manager.sh", import.meta.url);

/** Runs verbs of manager.sh on the manager, over one connection. */
function onManager({ address, hostKey, keyFile, image, network }: Swarm, services: number, signal: AbortSignal) {
  const access = { address, port: 22, user: "root", sudo: false, hostKey, keyFile };
  const names = serviceNames(services);
  return (verb: string, revision = 1) => {
    const variables = {
      SERVICES: names.join(" "),
      REPLICAS: String(REPLICAS),
      REVISION: String(revision),
      IMAGE: image,
      NETWORK: network,
      STACK: stackFile(names, image, network, revision),
    };
    return runOverSsh(access, [assignments(variables), readScript(SCRIPT), verb].join("\n"), { signal });
  };
}

const settledOn =
  (manager: ReturnType<typeof onManager>) =>
  async (task: Task): Promise<unknown> => {
    if (task === "preview") return undefined;
    return task === "down" ? manager("empty") : manager("settle", task === "update" ? 2 : 1);
  };

/** `docker stack deploy` on the manager. */
export const stack: MakeSubject = (swarm, services, _, signal) => {
  const manager = onManager(swarm, services, signal);
  return {
    name: "stack",
    tasks: { up: () => manager("deploy"), update: () => manager("deploy", 2), down: () => manager("take_down") },
    settled: settledOn(manager),
  };
};

/** `docker service create`, one service after the other, on the manager. */
export const plain: MakeSubject = (swarm, services, _, signal) => {
  const manager = onManager(swarm, services, signal);
  return {
    name: "service",
    tasks: { up: () => manager("create"), update: () => manager("change", 2), down: () => manager("remove") },
    settled: settledOn(manager),
  };
};

/**
 * This project: a Pulumi program with its own state, on the host that runs the benchmark. `options` are those of its commands, such
 * as `--parallel`.
 */
export const pulumi =
  (options: readonly string[]): MakeSubject =>
  (swarm, services, work, signal) => {
    const { begin, call, end } = project(new URL("services", import.meta.url), work, signal);
    return {
      name: "pulumi",
      before: () => begin({ swarm: JSON.stringify(swarm), services: String(services), revision: "1" }),
      tasks: {
        up: () => call("up", ...options),
        preview: () => call("preview", "--expect-no-changes"),
        update: () => call("up", "--config", "revision=2", ...options),
        down: () => call("destroy", ...options),
      },
      settled: settledOn(onManager(swarm, services, signal)),
      after: end,
    };
  };
