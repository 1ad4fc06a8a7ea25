import { clientUrl, peerUrl } from "../../../components/lib/etcd.ts";
import type { LabCheck } from "../../checks.ts";
import type { LabHost } from "../../labHosts.ts";
import { DEMO, overlayNetworkChecks, type Placed } from "../../overlayChecks.ts";

/** What must be true of the lab `overlay`, on hosts with a container each and an outsider on the first one. */
export function overlayChecks(hosts: readonly LabHost[], containers: readonly Placed[], outsider: string): LabCheck[] {
  const names = hosts.map(({ name }) => name);
  const members = hosts.map(({ name, address }) => ({ memberName: name, address }));
  const [first, second] = containers;
  return [
    ...overlayNetworkChecks(names, containers, outsider),
    {
      id: "9.1-version",
      title: `the same etcd runs on ${names.join(" and ")}, and it has the v2 API`,
      kind: "versions",
      hosts: names,
    },
    ...hosts.flatMap((host) => memberChecks(host, members)),
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

function memberChecks(
  { name, address }: LabHost,
  members: readonly { readonly memberName: string; readonly address: string }[],
): LabCheck[] {
  const own = { memberName: name, address };
  return [
    {
      id: `9.2-member-${name}`,
      title: `etcd on ${name} was started with the tutorial's flags`,
      kind: "process",
      on: name,
      program: "etcd",
      expect: [
        `--name=${name}`,
        `--initial-advertise-peer-urls=${peerUrl(own)}`,
        `--listen-peer-urls=${peerUrl(own)}`,
        `--listen-client-urls=${clientUrl(own)},http://127.0.0.1:2379`,
        `--advertise-client-urls=${clientUrl(own)}`,
      ],
    },
    {
      id: `9.3-health-${name}`,
      title: `etcd on ${name} has a quorum, and knows ${members.length} members`,
      kind: "quorum",
      on: name,
      members: Object.fromEntries(members.map((member) => [member.memberName, clientUrl(member)])),
    },
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
