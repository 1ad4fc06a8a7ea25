import { isAddress } from "../../components/lib/cidr.ts";
import type { Check } from "../../stacks/checks.ts";
import { interfacesOf } from "../interfaces.ts";
import { containerFaults } from "./faults/container.ts";
import { machineFaults, memberFaults, storedFaults } from "./faults/machine.ts";
import { namespaceFaults } from "./faults/namespace.ts";
import { networkFaults } from "./faults/network.ts";
import { firewallFaults, listenerFaults } from "./faults/packet.ts";
import { portFaults } from "./faults/port.ts";
import { type Fault, placeOf, type Scene } from "./scene.ts";

/** An object that has a part in a check. */
interface Party {
  readonly kind: "container" | "namespace" | "network" | "host";
  readonly name: string;
  readonly on: string | undefined;
}

/** What makes a check fail, as far as it can be seen: first what has a part in it, then the rest of its lab. */
export async function causesOf(scene: Scene, check: Check): Promise<Fault[]> {
  const parties = partiesOf(check);
  const found = await Promise.all([
    ...parties.map((party) => partyFaults(scene, party)),
    ...special(scene, check, parties),
  ]);
  const faults = found.flat();
  if (faults.some(({ symptom }) => !symptom)) return distinct(faults);
  const rest = await Promise.all(partiesIn(scene, check.lab).map((party) => partyFaults(scene, party)));
  return distinct([...rest.flat(), ...faults]);
}

const partiesIn = ({ outputs: { topology } }: Scene, wanted: string): Party[] =>
  topology.nodes.flatMap(({ kind, name, lab, in: inside, id }): Party[] => {
    if (lab !== wanted || inside === undefined) return [];
    const on = id.split("@")[1];
    return kind === "container" || kind === "namespace" || kind === "network" ? [{ kind, name, on }] : [];
  });

const distinct = (faults: readonly Fault[]): Fault[] => [...new Map(faults.map((each) => [each.says, each])).values()];

function partyFaults(scene: Scene, { kind, name, on }: Party): Promise<Fault[]> {
  const place = placeOf(scene, on);
  if (kind === "container") return containerFaults(scene, place, name);
  if (kind === "namespace") return namespaceFaults(scene, place, name);
  return kind === "network" ? networkFaults(scene, place, name) : machineFaults(place);
}

/** The objects that a check names. */
function partiesOf(check: Check): Party[] {
  const on = "on" in check ? check.on : undefined;
  const named = [
    ...("container" in check
      ? [{ container: check.container, on: check.kind === "duplicate" ? check.holder : on }]
      : []),
    ...("network" in check ? [{ gateway: check.network, on: "from" in check ? check.from.on : on }] : []),
    ...["at", "from", "to", "expect"].flatMap((field) => (check as Record<string, unknown>)[field] ?? []),
    ...(on === undefined ? [] : [{ host: on }]),
    ...("hosts" in check ? check.hosts.map((host) => ({ host })) : []),
  ];
  return named.flatMap((each): Party[] => {
    if (typeof each !== "object" || each === null) return [];
    const of = each as Partial<Record<"container" | "namespace" | "gateway" | "of" | "host" | "on", string>>;
    return [
      ...party("container", of.container ?? of.of, of.on),
      ...party("namespace", of.namespace, of.on),
      ...party("network", of.gateway, of.on),
      ...party("host", of.host ?? of.on, of.host ?? of.on),
    ];
  });
}

const party = (kind: Party["kind"], name: string | undefined, on: string | undefined): Party[] =>
  name === undefined ? [] : [{ kind, name, on }];

/** What only some kinds of checks have to do with: ports, firewalls, listeners, members of etcd. */
function special(scene: Scene, check: Check, parties: readonly Party[]): Promise<Fault[]>[] {
  const hosts = parties.filter(({ kind }) => kind === "host").map(({ on }) => memberFaults(scene, placeOf(scene, on)));
  if (check.kind === "interface") return [...hosts, strayFaults(scene, check)];
  if (check.kind === "stored") return [...hosts, storedFaults(scene, placeOf(scene, check.on), check.network)];
  if (check.kind === "published") {
    const ports = check.expect.map((each) => Number(/:(\d+)->/.exec(each)?.[1]));
    return [...hosts, ...ports.map((port) => portFaults(scene, port))];
  }
  if (check.kind !== "ping" && check.kind !== "tcp" && check.kind !== "http" && check.kind !== "counts") return hosts;
  const to = "address" in check.to ? check.to : undefined;
  const from = check.kind === "counts" ? "host" : check.from;
  const place = placeOf(scene, typeof from === "object" && "on" in from ? from.on : undefined);
  const containers = parties.filter(({ kind, on }) => kind === "container" && on === place.on).map(({ name }) => name);
  const outside = to && isAddress(to.address) ? [to.address] : [];
  const protocol = check.kind === "ping" ? "icmp" : "tcp";
  return [
    ...hosts,
    firewallFaults(place, containers, outside, protocol),
    ...(from === "host" && to?.of === undefined && "port" in check ? [portFaults(scene, check.port)] : []),
    ...(check.kind === "tcp" && check.expect === "closed" && to?.of !== undefined
      ? [listenerFaults(place, to.of, check.port)]
      : []),
  ];
}

/** An interface where none should be. */
async function strayFaults(scene: Scene, check: Extract<Check, { kind: "interface" }>): Promise<Fault[]> {
  const { at, interface: name, expect } = check;
  if (expect.state !== "absent") return [];
  const place = placeOf(scene, typeof at === "object" && "host" in at ? at.host : undefined);
  const found = (await interfacesOf(place.machine)).find((each) => each.name === name);
  if (!found) return [];
  const says = `${place.name} has an interface ${name} of its own (number ${found.index}, ${found.kind ?? "of no kind"}, ${found.state}), and the lab's is in a namespace: somebody made this one`;
  return [{ says, mend: `ip link delete ${name}` }];
}
