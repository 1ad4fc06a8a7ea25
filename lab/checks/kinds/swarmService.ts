import { environmentHost } from "../../faults/context.ts";
import { serviceFaults, swarmNodeFaults } from "../../faults/swarm.ts";
import type { HostSessions } from "../../host/session.ts";
import { swarmNodes, swarmTasks } from "../../host/swarm.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { container, host } from "../participants.ts";

export default {
  how: "a manager is asked for the tasks of the service: one must run on each of the hosts, and none elsewhere",
  mayBe:
    "a service that was scaled or removed by hand, a task that fails its health check, or a node that takes no tasks",
  probe,
  causes: async ({ on, service, expect }, context) => {
    const manager = environmentHost(context, on);
    const found = [serviceFaults(context, manager, service, expect.length), swarmNodeFaults(context, expect)];
    return (await Promise.all(found)).flat();
  },
  participants: ({ service, expect }) => expect.flatMap((on) => [container(service, on), host(on)]),
  marks: ({ service, expect }, find) => ({ nodes: expect.map((on) => find.node("container", service, on)) }),
} satisfies CheckKind<"swarmService">;

/** Whether the tasks of a service run where they should. */
async function probe({ on, service, expect }: CheckOf<"swarmService">, sessions: HostSessions): Promise<ProbeResult> {
  const session = sessions(on);
  const tasks = await swarmTasks(session, service);
  if (!tasks) return { passed: false, actual: `there is no service ${service}` };
  const names = new Map((await swarmNodes(session)).map(({ id, name }) => [id, name]));
  const running = tasks.filter(({ state }) => state === "running").map(({ nodeId }) => names.get(nodeId) ?? "no host");
  const waiting = tasks
    .filter(({ state }) => state !== "running")
    .map(({ nodeId, state, problem }) => `${state} on ${names.get(nodeId) ?? "no node"} (${problem})`);
  const passed = waiting.length === 0 && JSON.stringify(running.sort()) === JSON.stringify([...expect].sort());
  const found = `${running.length} of ${expect.length} run${running.length > 0 ? `, on ${running.join(", ")}` : ""}`;
  return { passed, actual: [found, ...waiting].join("; ") };
}
