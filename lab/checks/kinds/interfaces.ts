import type { HostSessions } from "../../host/session.ts";
import { interfacesAt, type ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { endOf } from "../participants.ts";

export default {
  how: "the names of all interfaces of the place are compared with the lesson's",
  mayBe: "another network than the lesson's, or an interface added by hand",
  probe,
  participants: ({ at }) => endOf(at),
  marks: ({ at }, find) => ({ nodes: [find.end(at)] }),
} satisfies CheckKind<"interfaces">;

/** How often to compare the interfaces of two places: those of a host change whenever a container starts or stops. */
const LOOKS = 4;

/** Checks the names of all interfaces of a place. */
async function probe({ at, expect }: CheckOf<"interfaces">, sessions: HostSessions): Promise<ProbeResult> {
  for (let look = 1; ; look += 1) {
    const names = [...(await interfacesAt(sessions, at)).keys()].sort();
    const wanted = expect === "host" ? [...(await interfacesAt(sessions, "host")).keys()].sort() : [...expect].sort();
    const passed = names.join() === wanted.join();
    const list = names.length > 4 ? `${names.slice(0, 4).join(", ")} and ${names.length - 4} more` : names.join(", ");
    if (passed || expect !== "host" || look === LOOKS) return { passed, actual: list };
  }
}
