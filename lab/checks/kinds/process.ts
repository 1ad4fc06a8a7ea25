import type { HostSessions } from "../../host/session.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host } from "../participants.ts";

export default {
  how: "the arguments of the running program are read from /proc and compared with the tutorial's",
  mayBe: "a member that does not run, or that was started by hand",
  probe,
  participants: ({ on }) => [host(on)],
  marks: ({ on }, find) => ({ nodes: [find.node("member", on, on)] }),
} satisfies CheckKind<"process">;

/** Checks that a program runs with the expected arguments. */
async function probe({ on, program, expect }: CheckOf<"process">, sessions: HostSessions): Promise<ProbeResult> {
  const script = 'for pid in $(pidof "$0"); do tr "\\0" "\\n" <"/proc/$pid/cmdline"; echo; done';
  const words = (await sessions(on).attempt(["sh", "-c", script, program]))?.split("\n") ?? [];
  if (words.length <= 1) return { passed: false, actual: `${program} does not run on ${on}` };
  // A flag and its value may be one word or two.
  const given = new Set([...words, ...words.map((word, i) => `${word}=${words[i + 1] ?? ""}`)]);
  const missing = expect.filter((argument) => !given.has(argument));
  return {
    passed: missing.length === 0,
    actual: missing.length === 0 ? `${program} runs with them` : `not ${missing.join(" ")}`,
  };
}
