import { type Container, statusOf } from "../engine.ts";
import type { ModelLink, ModelNode, State } from "./model.ts";
import type { Interface, Sight } from "./sight.ts";

/** What was seen of a node or link. */
export interface Seen {
  readonly state: State;
  readonly live: Readonly<Record<string, string>>;
}

/** What the machines show, and where each node is. */
export interface Views {
  readonly node: (id: string) => ModelNode;
  /** The machine that a node is on; undefined where it could not be looked at. */
  readonly sightOf: (node: ModelNode) => Sight | undefined;
}

const UNKNOWN: Seen = { state: "unknown", live: {} };
const MISSING: Seen = { state: "missing", live: {} };
const stateOf = (up: boolean): State => (up ? "up" : "down");

/** Facts without those that nobody knows. */
const known = (facts: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).flatMap(([name, value]) => (value ? [[name, value]] : [])));

/** What was seen of a node. */
export function seeNode(node: ModelNode, views: Views): Seen {
  const sight = views.sightOf(node);
  if (node.kind === "machine") return { state: stateOf(sight !== undefined), live: known({ route: sight?.route }) };
  if (!sight) return UNKNOWN;
  if (node.kind === "container") return seeContainer(sight.containers.get(node.name));
  if (node.kind === "network") return seeNetwork(node, sight);
  if (node.kind === "namespace") return seeNamespace(node, sight);
  if (node.kind === "port") return seePort(node, sight);
  const { member } = sight;
  return member ? { state: stateOf(member.healthy), live: { role: member.role } } : { state: "down", live: {} };
}

/** Whether a container does what it is for, as far as the engine knows. */
const works = ({ running, health }: Container): boolean => running && health !== "unhealthy";

function seeContainer(container: Container | undefined): Seen {
  if (!container) return MISSING;
  return { state: stateOf(works(container)), live: { id: container.id.slice(0, 12), status: statusOf(container) } };
}

function seeNetwork({ name }: ModelNode, { networks, interfaces, overlays, rules }: Sight): Seen {
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
    mac: found?.mac,
    vni: overlay && String(overlay.vni),
    mtu: overlay && String(overlay.mtu),
    nat: rules.find((rule) => rule.includes(`-s ${subnets[0]} `) && rule.endsWith("-j MASQUERADE")),
    isolation: rules.find((rule) => rule.startsWith(`-A DOCKER-ISOLATION-STAGE-1 -i ${bridge} `)),
    fdb: overlay?.fdb.map(({ mac, machine }) => `${mac} behind ${machine}`).join(", "),
  });
  // Without the machine's interfaces only the engine says anything of the bridge.
  return { state: stateOf(bridge === undefined || interfaces.length === 0 || found?.up === true), live };
}

function seeNamespace({ name, facts }: ModelNode, { containers, namespaces, interfaces }: Sight): Seen {
  if (facts.keeper !== undefined) return { ...seeContainer(containers.get(facts.keeper)), live: {} };
  if (interfaces.length === 0) return UNKNOWN;
  return namespaces.has(name) ? { state: "up", live: {} } : MISSING;
}

const publishedBy = (name: string, { containers }: Sight): string[] =>
  [...containers.values()]
    .filter(({ running }) => running)
    .flatMap(({ published }) => published.filter((each) => each.startsWith(`${name}->`)));

/** Whether a rule of the packet filter gives packets for this port the address of a container. */
const leadsOn =
  ({ port }: ModelNode["facts"]) =>
  (rule: string): boolean =>
    rule.startsWith("-A DOCKER ") && rule.includes(` --dport ${port} `) && rule.includes("-j DNAT");

function seePort({ name, facts }: ModelNode, sight: Sight): Seen {
  const published = publishedBy(name, sight);
  return published.length > 0
    ? { state: "up", live: known({ published: published.join(", "), nat: sight.rules.find(leadsOn(facts)) }) }
    : { state: "down", live: {} };
}

/** What was seen of a link. */
export function seeLink(link: ModelLink, views: Views): Seen {
  const [from, to] = [views.node(link.from), views.node(link.to)];
  const [sight, far] = [views.sightOf(from), views.sightOf(to)];
  if (!sight || !far) return UNKNOWN;
  if (link.kind === "veth")
    return to.kind === "network" ? seePlug(link, from, to, sight) : seeCable(link, from, to, sight);
  if (link.kind === "store") {
    const { store } = sight;
    return { state: stateOf(store?.startsWith("etcd://") === true), live: known({ url: store }) };
  }
  if (link.kind === "vxlan") return seeTunnel(from.name, sight, far);
  if (link.kind === "peer") return { state: stateOf(sight.member !== undefined && far.member !== undefined), live: {} };
  const container = (link.kind === "publish" ? far : sight).containers.get(
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

/** A container's cable: the end whose other end is a port of the bridge. Those of an overlay are in its own namespace. */
function seePlug(link: ModelLink, from: ModelNode, to: ModelNode, sight: Sight): Seen {
  const [container, network] = [sight.containers.get(from.name), sight.networks.get(to.name)];
  if (!container || !network) return MISSING;
  if (!container.running) return { state: "down", live: {} };
  const address = container.addresses[to.name];
  const inside = sight.inside.get(`container:${from.name}`) ?? [];
  // A namespace has a loopback at least: without it nobody could look inside.
  if (inside.length === 0) return { state: "unknown", live: known({ fromAddress: address }) };
  const ends = inside.map((end) => ({ end, peer: peerOf(end, sight) }));
  const { end, peer } =
    ends.find((each) => each.peer?.master === network.bridge) ??
    ends.find((each) => each.peer?.master === undefined && each.end.name === link.facts.fromInterface) ??
    {};
  if (!end) return { ...MISSING, live: known({ fromAddress: address }) };
  const bridged = network.driver !== "bridge" || sight.interfaces.length === 0 || peer?.master === network.bridge;
  return {
    state: stateOf(end.up && bridged && (peer?.up ?? true)),
    live: known({
      fromInterface: end.name,
      fromAddress: address,
      fromMac: end.mac,
      toInterface: peer?.name,
      rxPackets: String(end.rx),
      txPackets: String(end.tx),
    }),
  };
}

/** The other end, where the machine itself has it. */
const peerOf = (end: Interface, { interfaces }: Sight): Interface | undefined =>
  end.peerIndex === end.index ? undefined : interfaces.find(({ index }) => index === end.peerIndex);

/** A cable between two namespaces, or from the machine itself to one of the outside. */
function seeCable({ facts }: ModelLink, from: ModelNode, to: ModelNode, sight: Sight): Seen {
  if (sight.interfaces.length === 0) return UNKNOWN;
  const interfacesOf = (node: ModelNode) =>
    node.kind === "machine" ? sight.interfaces : (sight.inside.get(`namespace:${node.name}`) ?? []);
  const [a, b] = [
    interfacesOf(from).find(({ name }) => name === facts.fromInterface),
    interfacesOf(to).find(({ name }) => name === facts.toInterface),
  ];
  if (
    [from, to].some(
      ({ name }) => sight.namespaces.has(name) && (sight.inside.get(`namespace:${name}`) ?? []).length === 0,
    )
  )
    return UNKNOWN;
  // Nobody but its keeper can enter a namespace of the outside, so one end has to do.
  if (!a || (!b && to.facts.keeper === undefined)) return MISSING;
  const addressed = ({ addresses }: Interface, expected: string | undefined) =>
    expected !== undefined && addresses.includes(expected);
  const whole = a.up && addressed(a, facts.fromAddress) && (!b || (b.up && addressed(b, facts.toAddress)));
  return {
    state: stateOf(whole),
    live: known({
      fromAddress: a.addresses.join(", ") || "no address",
      fromMac: a.mac,
      toAddress: b && (b.addresses.join(", ") || "no address"),
      toMac: b?.mac,
      rxPackets: String(a.rx),
      txPackets: String(a.tx),
    }),
  };
}

function seeTunnel(network: string, sight: Sight, far: Sight): Seen {
  const [here, there] = [sight.overlays.get(network), far.overlays.get(network)];
  if (!here || !there) return { state: "down", live: {} };
  return { state: stateOf(here.vni === there.vni), live: { vni: String(here.vni), mtu: String(here.mtu) } };
}
