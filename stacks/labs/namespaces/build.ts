import { withoutPrefix } from "../../../components/lib/cidr.ts";
import type { Claim, LabOutputs } from "../../checks.ts";
import { LOCAL } from "../../fields.ts";
import type { Lab } from "../../lab.ts";
import { accessTo } from "../../machines.ts";
import type { Shared } from "../../shared.ts";
import { CABLE_ENDS, namespaceNames } from "../../unlabelled.ts";
import type { LabSettings } from "../index.ts";

type Pair = readonly [string, string];

/** Rows 3.2 to 3.5 of the tutorial: two network namespaces and the cable between them, as Docker makes for a container. */
export default function (lab: Lab, settings: LabSettings["namespaces"], { identity, machines }: Shared): LabOutputs {
  const { addresses, host } = settings;
  const machine = host === LOCAL ? undefined : machines().find(({ name }) => name === host);
  const names = namespaceNames(identity);
  const end = (base: string, index: 0 | 1) => ({
    base,
    namespace: names[index],
    interface: CABLE_ENDS[index],
    address: addresses[index],
  });
  lab.cable("veth-test", [end("test1", 0), end("test2", 1)], machine);

  const claims = ([0, 1] as const).flatMap((index) => endClaims(names, addresses, index, machine?.name));
  return {
    urls: {},
    hosts: machine && { [machine.name]: accessTo(machine) },
    checks: claims.sort((a, b) => (a.id < b.id ? -1 : 1)),
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
