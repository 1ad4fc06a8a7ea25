import type { Host } from "../../../components/host-script/HostScript.ts";
import { withoutPrefix } from "../../../components/lib/cidr.ts";
import { ownerOf } from "../../../components/lib/identity.ts";
import { NetworkNamespace } from "../../../components/network-namespace/NetworkNamespace.ts";
import { type NamespaceEnd, VethPair, vethPairPart } from "../../../components/veth-pair/VethPair.ts";
import type { LabCheck, LabOutputs } from "../../checks.ts";
import { LOCAL } from "../../fields.ts";
import type { Lab } from "../../lab.ts";
import { accessTo } from "../../labHosts.ts";
import type { Shared } from "../../shared.ts";
import { CABLE_ENDS, namespaceNames } from "../../unlabelled.ts";
import type { LabSettings } from "../index.ts";

type Pair = readonly [string, string];

/** Rows 3.2 to 3.5 of the tutorial: two network namespaces and a veth pair between them, like that of a container. */
export default function (
  lab: Lab,
  settings: LabSettings["namespaces"],
  { identity, reservation, hosts }: Shared,
): LabOutputs {
  const { addresses } = settings;
  const remote = settings.host === LOCAL ? undefined : hosts().find(({ name }) => name === settings.host);
  const host: Host = remote?.ssh ?? { kind: "local" };
  const names = namespaceNames(identity);
  const end = (index: 0 | 1) => ({ namespace: names[index], interface: CABLE_ENDS[index], address: addresses[index] });
  const inside = (base: string, { namespace, ...rest }: NamespaceEnd) => {
    const args = { host, namespace, owner: ownerOf(identity) };
    return { namespace: new NetworkNamespace(base, args, { parent: lab, dependsOn: reservation }).namespace, ...rest };
  };
  new VethPair("veth-test", { host, ends: [inside("test1", end(0)), inside("test2", end(1))] }, { parent: lab });
  lab.record(vethPairPart([end(0), end(1)], remote?.name));

  const checks = ([0, 1] as const).flatMap((index) => endChecks(names, addresses, index, remote?.name));
  return {
    urls: {},
    hosts: remote && { [remote.name]: accessTo(remote) },
    checks: checks.sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** Checks of one end of the veth pair. */
function endChecks(names: Pair, addresses: Pair, end: 0 | 1, on: string | undefined): LabCheck[] {
  const [namespace, name, address] = [names[end], CABLE_ENDS[end], addresses[end]];
  const other = withoutPrefix(addresses[end === 0 ? 1 : 0]);
  const at = { namespace, ...(on && { on }) };
  return [
    {
      id: `3.2-loopback-${end + 1}`,
      title: `the loopback of namespace ${namespace} is up`,
      kind: "interface",
      at,
      interface: "lo",
      expect: { state: "up", address: "127.0.0.1/8" },
    },
    {
      id: `3.3-end-${end + 1}`,
      title: `${name} is in namespace ${namespace}, up, with address ${address}`,
      kind: "interface",
      at,
      interface: name,
      expect: { state: "up", address },
    },
    {
      id: `3.4-moved-${end + 1}`,
      title: `${name} is not among the host's own interfaces`,
      kind: "interface",
      at: on ? { host: on } : "host",
      interface: name,
      expect: { state: "absent" },
    },
    {
      id: `3.5-ping-${end + 1}`,
      title: `namespace ${namespace} reaches ${other} through the cable`,
      kind: "ping",
      from: at,
      to: { address: other },
      expect: "reply",
    },
  ];
}
