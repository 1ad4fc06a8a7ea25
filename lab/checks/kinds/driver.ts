import type { HostSessions } from "../../host/session.ts";
import { networkOf, type ProbeResult, running } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { endOf } from "../participants.ts";

export default {
  how: "the engine is asked for the driver of the container's network",
  mayBe: "a container that was made with another --network",
  probe,
  participants: ({ at }) => endOf(at),
  marks: ({ at }, find) => ({ nodes: [find.end(at)] }),
} satisfies CheckKind<"driver">;

/** Checks the driver of the network that a container is on. */
async function probe({ at, expect }: CheckOf<"driver">, sessions: HostSessions): Promise<ProbeResult> {
  const session = sessions(at.on);
  const [name] = Object.keys((await running(session, at.container)).addresses);
  if (name === undefined) return { passed: false, actual: "on no network" };
  const found = (await networkOf(session, name)).driver;
  return { passed: found === expect, actual: `the network ${name} has driver ${found}` };
}
