import { privateRange } from "../../host/addresses.ts";
import type { HostSessions } from "../../host/session.ts";
import { type ProbeResult, running } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { container } from "../participants.ts";

export default {
  how: "the container's address is compared with the private blocks (RFC 1918)",
  mayBe: "a network with a block of public addresses",
  probe,
  participants: (check) => [container(check.container)],
  marks: (check, find) => ({ nodes: [find.node("container", check.container)] }),
} satisfies CheckKind<"private">;

/** Checks that a container's address is private, that is, never seen from outside. */
async function probe({ container }: CheckOf<"private">, sessions: HostSessions): Promise<ProbeResult> {
  const { addresses } = await running(sessions(undefined), container);
  const address = Object.values(addresses).find((each) => each !== "");
  if (address === undefined) return { passed: false, actual: "no address" };
  const range = privateRange(address);
  return { passed: range !== undefined, actual: `${address}, ${range ? `private, of ${range}` : "public"}` };
}
