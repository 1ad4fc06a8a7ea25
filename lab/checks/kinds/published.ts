import { portFaults } from "../../faults/port.ts";
import type { HostSessions } from "../../host/session.ts";
import { type ProbeResult, running } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { container } from "../participants.ts";

export default {
  how: "the engine is asked for the ports of the host that lead to the container",
  mayBe: "a container that was made with other --publish options",
  probe,
  participants: (check) => [container(check.container)],
  causes: async ({ expect }, context) => {
    const ports = expect.map((each) => Number(/:(\d+)->/.exec(each)?.[1]));
    return (await Promise.all(ports.map((port) => portFaults(context, port)))).flat();
  },
  marks: (check, find) => ({ nodes: [find.node("container", check.container)] }),
} satisfies CheckKind<"published">;

/** Checks which ports the host publishes for a container. */
async function probe({ container, expect }: CheckOf<"published">, sessions: HostSessions): Promise<ProbeResult> {
  const found = (await running(sessions(undefined), container)).published;
  const passed = JSON.stringify(found) === JSON.stringify([...expect].sort());
  return { passed, actual: found.join(", ") || "nothing published" };
}
