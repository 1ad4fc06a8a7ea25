import { ProbeError } from "../../host/probeError.ts";
import type { HostSessions } from "../../host/session.ts";
import { addressOf, PATIENCE_SEC, type ProbeResult, runFrom } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { endOf } from "../participants.ts";

export default {
  how: "the name is looked up in the container: /etc/hosts first, then its name server (nsswitch.conf(5))",
  mayBe: "another network than the lesson's, a name that was not given, or an entry in /etc/hosts",
  probe,
  participants: ({ from, expect }) => [...endOf(from), ...(expect === "unknown" ? [] : endOf(expect))],
  marks: ({ from }, find) => ({ nodes: [find.end(from)] }),
} satisfies CheckKind<"dns">;

/** Exit codes of a shell if a command is not executable or not found. */
const NOT_RUN = ["126", "127"];

/** Checks what a name resolves to inside a container. */
async function probe({ from, name, expect }: CheckOf<"dns">, sessions: HostSessions): Promise<ProbeResult> {
  const script = `timeout ${2 * PATIENCE_SEC} getent ahostsv4 "$0"; echo "exit code $?"`;
  const said = await runFrom(sessions, from, ["sh", "-c", script, name]);
  const [, code] = /exit code (\d+)$/.exec(said ?? "") ?? [];
  if (code === undefined || NOT_RUN.includes(code)) throw new ProbeError("the program getent does not run there");
  const answer = code === "0" ? said?.split(/\s/)[0] : undefined;
  const wanted = expect === "unknown" ? undefined : await addressOf(sessions, expect);
  return { passed: answer === wanted, actual: answer ? `${name} is ${answer}` : `${name} is unknown` };
}
