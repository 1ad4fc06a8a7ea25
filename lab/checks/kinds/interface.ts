import { environmentHost } from "../../faults/context.ts";
import { interfacesOf } from "../../host/interfaces.ts";
import type { HostSessions } from "../../host/session.ts";
import { interfacesAt, type ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { endOf } from "../participants.ts";

export default {
  how: "the interfaces of the place are listed (ip-address(8)), and one compared with what the lesson says",
  mayBe: "an interface that was set down, deleted, moved or given another address",
  probe,
  participants: ({ at }) => endOf(at),
  causes: async ({ at, interface: name, expect }, context) => {
    if (expect.state !== "absent") return [];
    const host = environmentHost(context, typeof at === "object" && "host" in at ? at.host : undefined);
    const found = (await interfacesOf(host.session)).find((each) => each.name === name);
    if (!found) return [];
    const title = `${host.name} has an interface ${name} of its own (number ${found.index}, ${found.kind ?? "of no kind"}, ${found.state}), and the lab's is in a namespace: created by hand`;
    return [{ title, fix: `ip link delete ${name}` }];
  },
  marks: ({ at }, find) => ({ nodes: [find.end(at)] }),
} satisfies CheckKind<"interface">;

/** Checks an interface: whether it exists, its state and its address. */
async function probe(check: CheckOf<"interface">, sessions: HostSessions): Promise<ProbeResult> {
  const { at, interface: name, expect } = check;
  const state = (await interfacesAt(sessions, at)).get(name) ?? "absent";
  const wanted = expect.state === "absent" ? "absent" : `up ${expect.address}`;
  return { passed: state === wanted, actual: `${name} ${state}` };
}
