import { clientUrl, peerUrl } from "../../../components/lib/etcd.ts";
import type { LabCheck } from "../../checks.ts";
import type { LabHost } from "../../labHosts.ts";

/** The tutorial's name of the overlay network. */
export const DEMO = "demo";

interface Placed {
  readonly container: string;
  readonly on: string;
}

/** Bytes of data that fill a packet of the network: its MTU is 1500 less VXLAN's 50, an echo's own headers are 28. */
const FULL_SIZE = 1422;

/** What must be true of the lab `overlay`, on hosts with a container each and an outsider on the first one. */
export function overlayChecks(hosts: readonly LabHost[], containers: readonly Placed[], outsider: string): LabCheck[] {
  const names = hosts.map(({ name }) => name);
  const members = hosts.map(({ name, address }) => ({ memberName: name, address }));
  const [first, second] = containers;
  return [
    ...containers.slice(0, 1).map(classCheck),
    {
      id: "9.1-version",
      title: `the same etcd runs on ${names.join(" and ")}, and it has the v2 API`,
      kind: "versions",
      hosts: names,
    },
    ...hosts.flatMap((host) => memberChecks(host, members)),
    {
      id: "9.5-shared",
      title: `${names.join(" and ")} show ${DEMO} with one id`,
      kind: "shared",
      network: DEMO,
      hosts: names,
    },
    ...names.map(
      (on): LabCheck => ({
        id: `9.6-stored-${on}`,
        title: `the key of ${DEMO} in ${on}'s etcd holds the id that its engine shows`,
        kind: "stored",
        on,
        network: DEMO,
      }),
    ),
    ...(first && second ? pairChecks(first, second, outsider) : []),
  ];
}

const classCheck = (at: Placed): LabCheck => ({
  id: "1.1-overlay",
  title: `${at.container} is on a network of the class overlay, which is for containers of many hosts`,
  kind: "driver",
  at,
  expect: "overlay",
});

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

/** What two containers on two hosts show of the network. */
function pairChecks(first: Placed, second: Placed, outsider: string): LabCheck[] {
  const pings = (from: Placed, to: Placed): LabCheck[] => [
    {
      id: `9.8-name-${from.container}`,
      title: `${from.container} on ${from.on} reaches ${to.container} on ${to.on} by its name`,
      kind: "ping",
      from,
      to: { address: to.container },
      expect: "reply",
    },
    {
      id: `9.8-full-${from.container}`,
      title: `and by its address, with packets of full size`,
      kind: "ping",
      from,
      to,
      size: FULL_SIZE,
      expect: "reply",
    },
  ];
  return [
    {
      id: "9.7-duplicate",
      title: `a second ${first.container}, on ${second.on}, is refused: names are unique on the whole network`,
      kind: "duplicate",
      on: second.on,
      network: DEMO,
      container: first.container,
      holder: first.on,
    },
    ...pings(first, second),
    ...pings(second, first),
    {
      id: "9.8-outsider",
      title: `${outsider} on ${first.on}, which is not on ${DEMO}, does not reach ${second.container}`,
      kind: "ping",
      from: { container: outsider, on: first.on },
      to: second,
      expect: "silence",
    },
    {
      id: "9.8-vxlan",
      title: `what ${first.container} sends to ${second.container} leaves ${first.on} as VXLAN`,
      kind: "vxlan",
      from: first,
      to: second,
      network: DEMO,
    },
  ];
}
