import { clientUrl, type MemberIdentity, ownUrl, peerUrl } from "../../../components/lib/etcd.ts";
import type { LabCheck } from "../../checks.ts";
import { DEMO, overlayNetworkChecks, type Placed } from "../../overlayChecks.ts";

/** What must be true of the lab `overlay`, on hosts with a member and a container each and an outsider on the first one. */
export function overlayChecks(
  members: readonly MemberIdentity[],
  containers: readonly Placed[],
  outsider: string,
): LabCheck[] {
  const names = members.map(({ memberName }) => memberName);
  const [first, second] = containers;
  return [
    ...overlayNetworkChecks(names, containers, outsider),
    {
      id: "9.1-version",
      title: `the same etcd runs on ${names.join(" and ")}, and it has the v2 API`,
      kind: "versions",
      hosts: names,
    },
    ...members.flatMap((member) => memberChecks(member, members)),
    ...names.map(
      (on): LabCheck => ({
        id: `9.6-stored-${on}`,
        title: `the key of ${DEMO} in ${on}'s etcd holds the id that its engine shows`,
        kind: "stored",
        on,
        network: DEMO,
      }),
    ),
    ...(first && second ? [duplicateCheck(first, second)] : []),
  ];
}

/** Flags with which etcd takes nothing from clients and peers that have no certificate of its CA. */
const TLS_FLAGS = ["--client-cert-auth", "--peer-client-cert-auth"];

function memberChecks(own: MemberIdentity, members: readonly MemberIdentity[]): LabCheck[] {
  const { memberName: name, address, tls = false } = own;
  return [
    {
      id: `9.2-member-${name}`,
      title: `etcd on ${name} was started with the tutorial's flags${tls ? ", and those of TLS" : ""}`,
      kind: "process",
      on: name,
      program: "etcd",
      expect: [
        `--name=${name}`,
        `--initial-advertise-peer-urls=${peerUrl(own)}`,
        `--listen-peer-urls=${peerUrl(own)}`,
        `--listen-client-urls=${clientUrl(own)},${ownUrl(own)}`,
        `--advertise-client-urls=${clientUrl(own)}`,
        ...(tls ? TLS_FLAGS : []),
      ],
    },
    {
      id: `9.3-health-${name}`,
      title: `etcd on ${name} has a quorum, and knows ${members.length} members`,
      kind: "quorum",
      on: name,
      members: Object.fromEntries(members.map((member) => [member.memberName, clientUrl(member)])),
    },
    ...(tls ? [certificatesCheck(name, address)] : []),
    {
      id: `9.4-store-${name}`,
      title: `the engine of ${name} keeps its networks in etcd`,
      kind: "store",
      on: name,
      expect: { store: `etcd://${address}:2379`, advertise: `${address}:2375` },
    },
  ];
}

const duplicateCheck = (first: Placed, second: Placed): LabCheck => ({
  id: "9.7-duplicate",
  title: `a second ${first.container}, on ${second.on}, is refused: names are unique on the whole network`,
  kind: "duplicate",
  on: second.on,
  network: DEMO,
  container: first.container,
  holder: first.on,
});

const certificatesCheck = (on: string, address: string): LabCheck => ({
  id: `9.3-certificates-${on}`,
  title: `the certificates of etcd and the engine on ${on} are valid`,
  kind: "certificates",
  on,
  address,
});
