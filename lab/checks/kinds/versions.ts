import { etcdVersion } from "../../host/etcd.ts";
import type { HostSessions } from "../../host/session.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host } from "../participants.ts";

export default {
  how: "each host's etcd is asked for its version: they must be one, of 3.3 to 3.5",
  mayBe: "a member that does not run, or an upgrade on one host alone",
  probe,
  participants: ({ hosts }) => hosts.map(host),
  marks: ({ hosts }, find) => ({ nodes: hosts.map((on) => find.node("member", on, on)) }),
} satisfies CheckKind<"versions">;

/** Checks that all hosts run the same version of etcd, and one that has the v2 API. */
async function probe({ hosts }: CheckOf<"versions">, sessions: HostSessions): Promise<ProbeResult> {
  const found = await Promise.all(hosts.map(async (host) => (await etcdVersion(sessions(host))) ?? `none on ${host}`));
  const distinct = [...new Set(found)];
  const passed = distinct.length === 1 && /^3\.[345]\./.test(distinct[0] ?? "");
  return { passed, actual: `etcd ${distinct.join(" and ")}` };
}
