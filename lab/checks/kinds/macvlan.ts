import { interfacesIn } from "../../host/containerInterfaces.ts";
import { interfacesOf } from "../../host/interfaces.ts";
import { ProbeError } from "../../host/probeError.ts";
import type { HostSessions } from "../../host/session.ts";
import { type ProbeResult, running } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { container } from "../participants.ts";

export default {
  how: "the interfaces of the container and of the host are listed: eth0 must be of kind macvlan, on that parent and in that mode, with another MAC address than the parent's (ip-link(8))",
  mayBe: "another network than the lesson's, or a parent that was deleted, with which its macvlan interfaces go",
  probe,
  participants: (check) => [container(check.container)],
  marks: (check, find) => ({ nodes: [find.node("container", check.container)] }),
} satisfies CheckKind<"macvlan">;

/** Checks that a container's eth0 is a macvlan interface, its parent and its mode. */
async function probe(check: CheckOf<"macvlan">, sessions: HostSessions): Promise<ProbeResult> {
  const session = sessions(undefined);
  const inside = await interfacesIn(session, await running(session, check.container));
  if (!inside) throw new ProbeError("the program ip does not run there, so no interface can be seen");
  const own = inside.find(({ name }) => name === "eth0");
  if (!own) return { passed: false, actual: `${check.container} has no eth0` };
  const { mac, mode } = own.link;
  if (own.parent === undefined)
    return { passed: false, actual: `eth0 is no macvlan interface, but ${own.kind ?? "of no kind"}` };
  const parent = (await interfacesOf(session)).find(({ index }) => index === own.parent);
  const passed = parent?.name === check.parent && mode === check.expect && mac !== "" && mac !== parent.link.mac;
  const whose = parent
    ? `${parent.name}, which has ${parent.link.mac}`
    : `number ${own.parent}, which the host does not have`;
  return { passed, actual: `eth0 has ${mac}, mode ${mode ?? "unknown"}; its parent is ${whose}` };
}
