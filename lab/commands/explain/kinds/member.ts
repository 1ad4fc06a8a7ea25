import { type Context, environmentHost } from "../../../faults/context.ts";
import { addressOf, arithmetic, memberFaults, membersOf } from "../../../faults/host.ts";
import { hostCertificates, judgeCertificates } from "../../../host/etcd/certificates.ts";
import { etcdHealthy, etcdMembers, etcdSelf, etcdVersion, storeKeys } from "../../../host/etcd.ts";
import { type Explanation, explanation, faultRows, labelled } from "../format.ts";

/** What a member of an etcd cluster is, and whether the cluster can decide anything. */
export async function explainMember(context: Context, name: string): Promise<Explanation> {
  const members = membersOf(context);
  const own = members.find((each) => each.name === name);
  const host = environmentHost(context, own?.on);
  const { session } = host;
  const [self, version, healthy, known = [], keys, certificates = [], answers] = await Promise.all([
    etcdSelf(session),
    etcdVersion(session),
    etcdHealthy(session),
    etcdMembers(session),
    storeKeys(session),
    hostCertificates(session),
    Promise.all(members.map(({ client }) => etcdVersion(session, client))),
  ]);
  const answering = answers.filter((answer) => answer !== undefined).length;
  const verdict = judgeCertificates(certificates, addressOf(own?.client ?? ""), new Date());
  const faults = await memberFaults(context, host);
  return explanation(
    faults,
    `${name} is a member of an etcd cluster, on ${host.name}`,
    labelled([
      ["role", self ? `${self.role}, etcd ${version}` : "it does not answer"],
      ["clients", `${own?.client}, where the engines' store is`],
      ["peers", `${own?.peer}, where the other members speak to it`],
      ["knows", known.map((each) => `${each.name} (${each.clientURLs.join(", ")})`).join(", ") || "no members"],
      ["quorum", `${healthy ? "there is one" : "there is none"}: ${arithmetic(members.length, answering)}`],
      ["keys", `${keys.length} below /docker`],
      ["certificates", verdict ? `valid until ${verdict.until}, ${verdict.days} days` : "none: without TLS"],
      ...faultRows(faults),
    ]),
  );
}
