import type { LabCheck } from "./checks.ts";

/** The tutorial's name of the overlay network. */
export const DEMO = "demo";

/** A container on a host, by their names. */
export interface Placed {
  readonly container: string;
  readonly on: string;
}

/** Bytes of data that fill a packet of the network: its MTU is 1500 less VXLAN's 50, an echo's own headers are 28. */
const FULL_SIZE = 1422;

/**
 * What containers of an overlay network show of it, whatever keeps the network: rows 1.1, 9.5 and 9.8 of the tutorial. There is one
 * container on each host, and an outsider on the first.
 */
export function overlayNetworkChecks(
  hosts: readonly string[],
  [first, second, ...further]: readonly Placed[],
  outsider: string,
): LabCheck[] {
  return [
    ...(first ? [classCheck(first)] : []),
    {
      id: "9.5-shared",
      title: `${hosts.join(" and ")} show ${DEMO} with one id`,
      kind: "shared",
      network: DEMO,
      hosts: [...hosts],
    },
    ...(first && second ? pairChecks(first, second, outsider) : []),
    ...(first ? further.map((each) => reaches(each, first)) : []),
  ];
}

const classCheck = (at: Placed): LabCheck => ({
  id: "1.1-overlay",
  title: `${at.container} is on a network of the class overlay, which is for containers of many hosts`,
  kind: "driver",
  at,
  expect: "overlay",
});

/** What two containers on two hosts show of the network. */
const pairChecks = (first: Placed, second: Placed, outsider: string): LabCheck[] => [
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

const pings = (from: Placed, to: Placed): LabCheck[] => [
  reaches(from, to),
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

const reaches = (from: Placed, to: Placed): LabCheck => ({
  id: `9.8-name-${from.container}`,
  title: `${from.container} on ${from.on} reaches ${to.container} on ${to.on} by its name`,
  kind: "ping",
  from,
  to: { address: to.container },
  expect: "reply",
});
