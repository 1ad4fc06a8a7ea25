import { clusterStore } from "../../host/engineInfo.ts";
import type { HostSessions } from "../../host/session.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host } from "../participants.ts";

export default {
  how: "docker info is asked for the engine's cluster store and what it advertises",
  mayBe: "an engine that was started without its drop-in, or with another one after it",
  probe,
  participants: ({ on }) => [host(on)],
  marks: ({ on }, find) => ({ nodes: [find.host(on), find.node("member", on, on)], links: "direct" }),
} satisfies CheckKind<"store">;

/** Checks the cluster store of a host's engine. */
async function probe({ on, expect }: CheckOf<"store">, sessions: HostSessions): Promise<ProbeResult> {
  const found = await clusterStore(sessions(on));
  if (found === undefined) return { passed: false, actual: `no engine answers on ${on}` };
  const { url, advertise } = found;
  return {
    passed: url === expect.store && advertise === expect.advertise,
    actual: url === "" ? "no cluster store" : `${url}, advertised as ${advertise}`,
  };
}
