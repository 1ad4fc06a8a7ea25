import { readlinkSync } from "node:fs";
import { ProbeError } from "../../host/probeError.ts";
import type { HostSessions } from "../../host/session.ts";
import { type ProbeResult, runFrom } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { endOf } from "../participants.ts";

export default {
  how: "the container's network namespace, /proc/self/ns/net, is compared with the host's (namespaces(7))",
  mayBe: "a container that was made with another --network",
  probe,
  participants: ({ at }) => endOf(at),
  marks: ({ at }, find) => ({ nodes: [find.end(at)] }),
} satisfies CheckKind<"stack">;

/** Checks whether a container has its own network namespace or the host's. */
async function probe({ at, expect }: CheckOf<"stack">, sessions: HostSessions): Promise<ProbeResult> {
  const inside = await runFrom(sessions, at, ["readlink", "/proc/self/ns/net"], "network");
  if (inside === undefined) throw new ProbeError(`no command runs in ${at.container}`);
  const outside = readlinkSync("/proc/self/ns/net");
  const own = inside !== outside;
  return {
    passed: own === (expect === "own"),
    actual: `${inside}, ${own ? "the host's is" : "as the host's"}${own ? ` ${outside}` : ""}`,
  };
}
