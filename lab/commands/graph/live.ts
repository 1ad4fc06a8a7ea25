import { nodeId } from "../../../components/lib/nodeId.ts";
import { type Container, statusOf } from "../../host/containers.ts";
import { isolationOf, masquerade, publishing } from "../../host/firewall/needed.ts";
import { type Interface, isUp } from "../../host/interfaces.ts";
import type { ModelLink, ModelNode, State } from "./model.ts";
import type { Snapshot } from "./snapshot.ts";

/** Live state of a node or link. */
export interface Seen {
  readonly state: State;
  readonly live: Readonly<Record<string, string>>;
}

/** Snapshots of the hosts, and the nodes by id. */
export interface Views {
  readonly node: (id: string) => ModelNode;
  /** Snapshot of the host that a node is on; undefined if the host could not be inspected. */
  readonly snapshotOf: (node: ModelNode) => Snapshot | undefined;
}

const UNKNOWN: Seen = { state: "unknown", live: {} };
const MISSING: Seen = { state: "missing", live: {} };
const stateOf = (up: boolean): State => (up ? "up" : "down");

/** Leaves out unknown facts. */
const known = (facts: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).flatMap(([name, value]) => (value ? [[name, value]] : [])));

/** Live state of a node. */
export function seeNode(node: ModelNode, views: Views): Seen {
  const snapshot = views.snapshotOf(node);
  if (node.kind === "host") return { state: stateOf(snapshot !== undefined), live: known({ route: snapshot?.route }) };
  if (!snapshot) return UNKNOWN;
  if (node.kind === "container") return seeContainer(snapshot.containers.get(node.name));
  if (node.kind === "network") return seeNetwork(node, snapshot);
  if (node.kind === "namespace") return seeNamespace(node, snapshot);
  if (node.kind === "port") return seePort(node, snapshot);
  const { member } = snapshot;
  return member ? { state: stateOf(member.healthy), live: { role: member.role } } : { state: "down", live: {} };
}

/** Whether a container works, as far as the engine knows. */
const works = ({ running, health }: Container): boolean => running && health !== "unhealthy";

function seeContainer(container: Container | undefined): Seen {
  if (!container) return MISSING;
  return { state: stateOf(works(container)), live: { id: container.id.slice(0, 12), status: statusOf(container) } };
}

function seeNetwork({ name }: ModelNode, { networks, interfaces, overlays, firewall }: Snapshot): Seen {
  const network = networks.get(name);
  if (!network) return MISSING;
  const { id, driver, subnets, gateway } = network;
  const overlay = overlays.get(name);
  const bridge = driver === "bridge" ? network.bridge : undefined;
  const found = interfaces.find((each) => each.name === bridge);
  const live = known({
    id: id.slice(0, 12),
    driver,
    subnet: subnets.join(", "),
    gateway,
    interface: bridge,
    parent: driver === "macvlan" ? network.options.parent : undefined,
    mac: found?.link.mac,
    vni: overlay && String(overlay.vni),
    mtu: overlay && String(overlay.mtu),
    nat: firewall && masquerade(firewall, subnets[0] ?? "")?.text,
    isolation: firewall && bridge && isolationOf(firewall, bridge)[0]?.text,
    fdb: overlay?.fdb.map(({ mac, host }) => `${mac} behind ${host}`).join(", "),
  });
  // Without the host's interfaces, only the engine describes the bridge.
  return {
    state: stateOf(bridge === undefined || interfaces.length === 0 || (found !== undefined && isUp(found))),
    live,
  };
}

function seeNamespace({ name, facts }: ModelNode, { containers, namespaces, interfaces }: Snapshot): Seen {
  if (facts.keeper !== undefined) return { ...seeContainer(containers.get(facts.keeper)), live: {} };
  if (interfaces.length === 0) return UNKNOWN;
  return namespaces.has(name) ? { state: "up", live: {} } : MISSING;
}

const publishedBy = (name: string, { containers }: Snapshot): string[] =>
  [...containers.values()]
    .filter(({ running }) => running)
    .flatMap(({ published }) => published.filter((each) => each.startsWith(`${name}->`)));

function seePort({ name, facts }: ModelNode, snapshot: Snapshot): Seen {
  const published = publishedBy(name, snapshot);
  return published.length > 0
    ? {
        state: "up",
        live: known({
          published: published.join(", "),
          nat: snapshot.firewall && publishing(snapshot.firewall, facts.port ?? "")[0]?.text,
        }),
      }
    : { state: "down", live: {} };
}

/** Live state of a link. */
export function seeLink(link: ModelLink, views: Views): Seen {
  const [from, to] = [views.node(link.from), views.node(link.to)];
  const [snapshot, far] = [views.snapshotOf(from), views.snapshotOf(to)];
  if (!snapshot || !far) return UNKNOWN;
  if (link.kind === "veth")
    return to.kind === "network" ? seePlug(link, from, to, snapshot) : seeCable(link, from, to, snapshot);
  if (link.kind === "macvlan") return seeMacvlan(link, from, to, snapshot);
  if (link.kind === "store") {
    const { store } = snapshot;
    return { state: stateOf(store?.startsWith("etcd://") === true), live: known({ url: store }) };
  }
  if (link.kind === "vxlan") return seeTunnel(from.name, snapshot, far);
  if (link.kind === "peer")
    return { state: stateOf(snapshot.member !== undefined && far.member !== undefined), live: {} };
  const container = (link.kind === "publish" ? far : snapshot).containers.get(
    link.kind === "publish" ? to.name : from.name,
  );
  if (!container) return MISSING;
  if (link.kind === "publish") {
    return {
      state: stateOf(container.running && container.published.includes(`${from.name}->${link.facts.port}`)),
      live: {},
    };
  }
  const attached = link.kind === "link" || (link.kind === "shares" ? "host" : to.name) in container.addresses;
  return attached ? { state: stateOf(container.running), live: {} } : MISSING;
}

/**
 * A container's cable: the end whose peer is a port of the bridge. The ports of an overlay are in a namespace of the
 * overlay.
 */
function seePlug(link: ModelLink, from: ModelNode, to: ModelNode, snapshot: Snapshot): Seen {
  const [container, network] = [snapshot.containers.get(from.name), snapshot.networks.get(to.name)];
  if (!container || !network) return MISSING;
  if (!container.running) return { state: "down", live: {} };
  const address = container.addresses[to.name];
  const inside = insideOf("container", from.name, snapshot);
  // Every namespace has a loopback, so an empty list means that it could not be inspected.
  if (inside.length === 0) return { state: "unknown", live: known({ fromAddress: address }) };
  const ends = inside.map((end) => ({ end, peer: peerOf(end, snapshot) }));
  const { end, peer } =
    ends.find((each) => each.peer?.master === network.bridge) ??
    ends.find((each) => each.peer?.master === undefined && each.end.name === link.facts.fromInterface) ??
    {};
  if (!end) return { ...MISSING, live: known({ fromAddress: address }) };
  const bridged = network.driver !== "bridge" || snapshot.interfaces.length === 0 || peer?.master === network.bridge;
  return {
    state: stateOf(isUp(end) && bridged && (!peer || isUp(peer))),
    live: known({
      fromInterface: end.name,
      fromAddress: address,
      fromMac: end.link.mac,
      toInterface: peer?.name,
      ...packetsOf(end),
    }),
  };
}

/** The macvlan interface of a container, or the parent interface of a macvlan network on the host. */
function seeMacvlan({ facts }: ModelLink, from: ModelNode, to: ModelNode, snapshot: Snapshot): Seen {
  const container = from.kind === "container" ? snapshot.containers.get(from.name) : undefined;
  if (from.kind === "container" && (!container || !(to.name in container.addresses))) return MISSING;
  if (container?.running === false) return { state: "down", live: {} };
  const all = container ? insideOf("container", from.name, snapshot) : snapshot.interfaces;
  if (all.length === 0) return UNKNOWN;
  const found = all.find(({ name }) => name === facts.fromInterface);
  if (!found) return MISSING;
  const fromAddress = container?.addresses[to.name];
  const live = known({ fromInterface: found.name, fromAddress, fromMac: found.link.mac, ...packetsOf(found) });
  return { state: stateOf(found.state === "up"), live };
}

/** Interfaces of a container or a namespace; empty if they cannot be listed. */
const insideOf = (kind: ModelNode["kind"], name: string, { inside }: Snapshot): readonly Interface[] =>
  inside.get(nodeId(kind, name, undefined)) ?? [];

const packetsOf = ({ link: { rx, tx } }: Interface) => ({ rxPackets: rx?.toString(), txPackets: tx?.toString() });

/** The other end of a cable, if it is on the host itself. */
const peerOf = (end: Interface, { interfaces }: Snapshot): Interface | undefined =>
  end.peer === undefined ? undefined : interfaces.find(({ index }) => index === end.peer);

/** A cable between two namespaces, or from the host to the namespace of an outside host. */
function seeCable({ facts }: ModelLink, from: ModelNode, to: ModelNode, snapshot: Snapshot): Seen {
  if (snapshot.interfaces.length === 0) return UNKNOWN;
  const interfacesOf = (node: ModelNode) =>
    node.kind === "host" ? snapshot.interfaces : insideOf("namespace", node.name, snapshot);
  const [a, b] = [
    interfacesOf(from).find(({ name }) => name === facts.fromInterface),
    interfacesOf(to).find(({ name }) => name === facts.toInterface),
  ];
  if (
    [from, to].some(({ name }) => snapshot.namespaces.has(name) && insideOf("namespace", name, snapshot).length === 0)
  )
    return UNKNOWN;
  // Only the keeper can enter the namespace of an outside host, so the end on the host decides.
  if (!a || (!b && to.facts.keeper === undefined)) return MISSING;
  const addressed = ({ addresses }: Interface, expected: string | undefined) =>
    expected !== undefined && addresses.includes(expected);
  const whole = isUp(a) && addressed(a, facts.fromAddress) && (!b || (isUp(b) && addressed(b, facts.toAddress)));
  return {
    state: stateOf(whole),
    live: known({
      fromAddress: a.addresses.join(", ") || "no address",
      fromMac: a.link.mac,
      toAddress: b && (b.addresses.join(", ") || "no address"),
      toMac: b?.link.mac,
      ...packetsOf(a),
    }),
  };
}

function seeTunnel(network: string, snapshot: Snapshot, far: Snapshot): Seen {
  const [here, there] = [snapshot.overlays.get(network), far.overlays.get(network)];
  if (!here || !there) return { state: "down", live: {} };
  return { state: stateOf(here.vni === there.vni), live: { vni: String(here.vni), mtu: String(here.mtu) } };
}
