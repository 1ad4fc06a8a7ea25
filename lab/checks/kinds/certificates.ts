import { hostCertificates, judgeCertificates } from "../../host/etcd/certificates.ts";
import type { HostSessions } from "../../host/session.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host } from "../participants.ts";

export default {
  how: "the certificates that etcd and the engine use are read on the host: their dates, their CA, and the addresses they are for",
  mayBe: "certificates that were not renewed in time, files of another cluster, or a host with another address",
  probe,
  participants: ({ on }) => [host(on)],
  marks: ({ on }, find) => ({ nodes: [find.node("member", on, on)] }),
} satisfies CheckKind<"certificates">;

/** Whether the certificates of a host's etcd and engine are valid now. */
async function probe({ on, address }: CheckOf<"certificates">, sessions: HostSessions): Promise<ProbeResult> {
  const found = await hostCertificates(sessions(on));
  if (!found) return { passed: false, actual: `${on} does not answer` };
  const verdict = judgeCertificates(found, address, new Date());
  if (!verdict) return { passed: false, actual: `etcd on ${on} has no certificate` };
  const { problems, days, until, soon } = verdict;
  const left = `valid until ${until}, ${days} days${soon ? ": renew them with another rotation" : ""}`;
  return { passed: problems.length === 0, actual: problems.join("; ") || left };
}
