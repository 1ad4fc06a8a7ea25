import type { HostSessions } from "../../host/session.ts";
import { type ProbeResult, runFrom } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { container } from "../participants.ts";

export default {
  how: "the variable is printed inside the container",
  mayBe: "a container that was made with other --env options",
  probe,
  participants: (check) => [container(check.container)],
  marks: (check, find) => ({ nodes: [find.node("container", check.container)] }),
} satisfies CheckKind<"environment">;

/** Checks a variable of a container's environment. */
async function probe(check: CheckOf<"environment">, sessions: HostSessions): Promise<ProbeResult> {
  const { container, variable, expect } = check;
  const value = await runFrom(sessions, { container }, ["printenv", variable]);
  return { passed: value === expect, actual: value === undefined ? `${variable} unset` : `${variable}=${value}` };
}
