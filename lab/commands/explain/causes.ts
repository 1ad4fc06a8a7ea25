import { isAddress } from "../../../components/lib/cidr.ts";
import { parseNodeId } from "../../../components/lib/nodeId.ts";
import type { Check } from "../../../stacks/checks.ts";
import { unfitOn } from "../../host/engineVerdicts.ts";
import { interfacesOf } from "../../host/interfaces.ts";
import { type Context, distinct, type Fault, placeOf } from "./context.ts";
import { containerFaults } from "./faults/container.ts";
import { machineFaults, memberFaults, storedFaults, unfitFaults } from "./faults/machine.ts";
import { namespaceFaults } from "./faults/namespace.ts";
import { networkFaults } from "./faults/network.ts";
import { firewallFaults, listenerFaults, type Traffic } from "./faults/packet.ts";
import { portFaults } from "./faults/port.ts";

/** An object that has a part in a check. */
interface Party {
  readonly kind: "container" | "namespace" | "network" | "host";
  readonly name: string;
  readonly on: string | undefined;
}

/** What makes a check fail, as far as it can be seen: first what has a part in it, then the rest of its lab. */
export async function causesOf(context: Context, check: Check): Promise<Fault[]> {
  const parties = partiesOf(check);
  const found = await Promise.all([
    ...parties.map((party) => partyFaults(context, party)),
    ...special(context, check, parties),
  ]);
  const faults = found.flat();
  if (faults.some(({ symptom }) => !symptom)) return distinct(faults);
  const places = [...new Set(parties.map(({ on }) => placeOf(context, on)))];
  const unfit = (await Promise.all(places.map(({ machine }) => unfitOn(machine, check.lab)))).flat();
  if (unfit.length > 0) return distinct([...unfitFaults(unfit), ...faults]);
  const rest = await Promise.all(partiesIn(context, check.lab).map((party) => partyFaults(context, party)));
  return distinct([...rest.flat(), ...faults]);
}

const partiesIn = ({ outputs: { topology } }: Context, wanted: string): Party[] =>
  topology.nodes.flatMap(({ kind, name, lab, in: inside, id }): Party[] => {
    if (lab !== wanted || inside === undefined) return [];
    const { on } = parseNodeId(id);
    return kind === "container" || kind === "namespace" || kind === "network" ? [{ kind, name, on }] : [];
  });

function partyFaults(context: Context, { kind, name, on }: Party): Promise<Fault[]> {
  const place = placeOf(context, on);
  if (kind === "container") return containerFaults(context, place, name);
  if (kind === "namespace") return namespaceFaults(context, place, name);
  return kind === "network" ? networkFaults(context, place, name) : machineFaults(place);
}

/** The objects that a check names. */
function partiesOf(check: Check): Party[] {
  const on = "on" in check ? check.on : undefined;
  const named = [
    ...("container" in check
      ? [{ container: check.container, on: check.kind === "duplicate" ? check.holder : on }]
      : []),
    ...("network" in check ? networkPlaces(check, on).map((place) => ({ gateway: check.network, on: place })) : []),
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

/** The machines whose engines have the network of a check: an overlay network is on several. */
function networkPlaces(check: Check, on: string | undefined): readonly (string | undefined)[] {
  if ("hosts" in check) return check.hosts;
  return ["from" in check && typeof check.from === "object" && "on" in check.from ? check.from.on : on];
}

const party = (kind: Party["kind"], name: string | undefined, on: string | undefined): Party[] =>
  name === undefined ? [] : [{ kind, name, on }];

/** What only some kinds of checks have to do with: ports, firewalls, listeners, members of etcd. */
function special(context: Context, check: Check, parties: readonly Party[]): Promise<Fault[]>[] {
  const hosts = parties
    .filter(({ kind }) => kind === "host")
    .map(({ on }) => memberFaults(context, placeOf(context, on)));
  if (check.kind === "interface") return [...hosts, strayFaults(context, check)];
  if (check.kind === "stored") return [...hosts, storedFaults(context, placeOf(context, check.on), check.network)];
  if (check.kind === "published") {
    const ports = check.expect.map((each) => Number(/:(\d+)->/.exec(each)?.[1]));
    return [...hosts, ...ports.map((port) => portFaults(context, port))];
  }
  if (check.kind !== "ping" && check.kind !== "tcp" && check.kind !== "http" && check.kind !== "counts") return hosts;
  const to = "address" in check.to ? check.to : undefined;
  const from = check.kind === "counts" ? "host" : check.from;
  const place = placeOf(context, typeof from === "object" && "on" in from ? from.on : undefined);
  const containers = parties.filter(({ kind, on }) => kind === "container" && on === place.on).map(({ name }) => name);
  const outside = to && isAddress(to.address) ? [to.address] : [];
  const failure = (check.kind === "ping" && check.expect === "silence") || isClosed(check) ? "arrived" : "lost";
  const traffic: Traffic = {
    ...{ containers, addresses: outside, protocol: check.kind === "ping" ? "icmp" : "tcp", failure },
    port: "port" in check ? check.port : undefined,
    own: from === "host" || "gateway" in check.to,
  };
  return [
    ...hosts,
    firewallFaults(place, traffic),
    ...(from === "host" && to?.of === undefined && "port" in check ? [portFaults(context, check.port)] : []),
    ...(isClosed(check) && to?.of !== undefined ? [listenerFaults(place, to.of, check.port)] : []),
  ];
}

const isClosed = (check: Check): check is Extract<Check, { kind: "tcp" }> =>
  check.kind === "tcp" && check.expect === "closed";

/** An interface where none should be. */
async function strayFaults(context: Context, check: Extract<Check, { kind: "interface" }>): Promise<Fault[]> {
  const { at, interface: name, expect } = check;
  if (expect.state !== "absent") return [];
  const place = placeOf(context, typeof at === "object" && "host" in at ? at.host : undefined);
  const found = (await interfacesOf(place.machine)).find((each) => each.name === name);
  if (!found) return [];
  const says = `${place.name} has an interface ${name} of its own (number ${found.index}, ${found.kind ?? "of no kind"}, ${found.state}), and the lab's is in a namespace: somebody made this one`;
  return [{ says, fix: `ip link delete ${name}` }];
}
