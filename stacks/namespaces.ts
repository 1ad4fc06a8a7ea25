import { withoutPrefix } from "../components/lib/cidr.ts";
import { ownerOf } from "../components/lib/identity.ts";
import { NetworkNamespace } from "../components/network-namespace/NetworkNamespace.ts";
import { VethPair } from "../components/veth-pair/VethPair.ts";
import type { Claim, LabOutputs } from "./checks.ts";
import { type Config, LOCAL } from "./config.ts";
import { accessTo } from "./machines.ts";
import { cablePart } from "./parts.ts";
import type { Shared } from "./shared.ts";
import { CABLE_ENDS, namespaceNames } from "./unlabelled.ts";

type Pair = readonly [string, string];

/** Rows 3.2 to 3.5 of the tutorial: two network namespaces and the cable between them, as Docker makes for a container. */
export function namespaces(config: Config, { claim, machines }: Shared): LabOutputs {
  const { identity } = config;
  const { addresses } = config.namespaces;
  const machine =
    config.namespaces.host === LOCAL ? undefined : machines().find(({ name }) => name === config.namespaces.host);
  const host = machine?.host ?? ({ kind: "local" } as const);
  const owner = ownerOf(identity);
  const names = namespaceNames(identity);

  const test1 = new NetworkNamespace("test1", { host, namespace: names[0], owner, after: claim });
  const test2 = new NetworkNamespace("test2", { host, namespace: names[1], owner, after: claim });
  const ends = [
    { namespace: names[0], interface: CABLE_ENDS[0], address: addresses[0] },
    { namespace: names[1], interface: CABLE_ENDS[1], address: addresses[1] },
  ] as const;
  new VethPair("veth-test", {
    host,
    ends: [
      { ...ends[0], namespace: test1.namespace },
      { ...ends[1], namespace: test2.namespace },
    ],
  });

  const claims = ([0, 1] as const).flatMap((end) => endClaims(names, addresses, end, machine?.name));
  const hosts = machine && { [machine.name]: accessTo(machine) };
  return {
    urls: {},
    hosts,
    checks: claims.sort((a, b) => (a.id < b.id ? -1 : 1)),
    topology: [cablePart(ends[0], ends[1], machine?.name)],
  };
}

/** What is true of one end of the cable. */
function endClaims(names: Pair, addresses: Pair, end: 0 | 1, on: string | undefined): Claim[] {
  const [namespace, name, address] = [names[end], CABLE_ENDS[end], addresses[end]];
  const other = withoutPrefix(addresses[end === 0 ? 1 : 0]);
  const at = { namespace, ...(on && { on }) };
  return [
    {
      id: `3.2-loopback-${end + 1}`,
      says: `the loopback of namespace ${namespace} is up`,
      kind: "interface",
      at,
      interface: "lo",
      expect: { state: "up", address: "127.0.0.1/8" },
    },
    {
      id: `3.3-end-${end + 1}`,
      says: `${name} is in namespace ${namespace}, up, with address ${address}`,
      kind: "interface",
      at,
      interface: name,
      expect: { state: "up", address },
    },
    {
      id: `3.4-moved-${end + 1}`,
      says: `${name} is not among the host's own interfaces`,
      kind: "interface",
      at: on ? { host: on } : "host",
      interface: name,
      expect: { state: "absent" },
    },
    {
      id: `3.5-ping-${end + 1}`,
      says: `namespace ${namespace} reaches ${other} through the cable`,
      kind: "ping",
      from: at,
      to: { address: other },
      expect: "reply",
    },
  ];
}
