import { type Identity, ownerOf, stackLabels } from "../../../components/lib/identity.ts";
import { hostId } from "../../../components/lib/nodeId.ts";
import type { Topology } from "../../../stacks/topology.ts";
import { type Container, SERVICE_LABEL } from "../../host/containers.ts";
import { clusterStore, engineVersion, swarmRole } from "../../host/engineInfo.ts";
import { etcdMember, storeKeys } from "../../host/etcd.ts";
import { type Interface, interfacesOf, namespacesOn } from "../../host/interfaces.ts";
import { labelled } from "../../host/labels.ts";
import { expectedMachines, type HostMachine, machineNames, readMachines } from "../../host/machines.ts";
import { netnsExec } from "../../host/netnsExec.ts";
import type { Network } from "../../host/networks.ts";
import { type OverlayFacts, overlayFacts } from "../../host/overlayFacts.ts";
import { ProbeError } from "../../host/probeError.ts";
import type { HostSession } from "../../host/session.ts";

/** A network, and how many containers are on it. */
export type InspectedNetwork = Network & { readonly count: number; readonly overlay?: OverlayFacts };

/** An object by its kind and name. */
export interface Named {
  readonly kind: string;
  readonly name: string;
}

/** One host of an environment, and the objects of the environment on it. */
export interface Inspected {
  readonly host: string;
  readonly address: string;
  /** Whether it could be looked at; without that nothing but its name and address is known. */
  readonly seen: boolean;
  /** Version of its engine, or why nothing is known of it. */
  readonly engine: string;
  /** The engine's cluster store, or its role in a swarm; empty without either. */
  readonly store: string;
  /** Its member of the etcd cluster; undefined where none answers. `healthy`: it has a quorum behind it. */
  readonly member: { readonly name: string; readonly role: string; readonly healthy: boolean } | undefined;
  readonly networks: readonly InspectedNetwork[];
  readonly containers: readonly Omit<Container, "details">[];
  /** Network namespaces that have a name; without interfaces where only root may look. */
  readonly namespaces: readonly { readonly name: string; readonly interfaces: readonly Omit<Interface, "link">[] }[];
  readonly volumes: readonly string[];
  /** The virtual machines of the environment, which this host runs. */
  readonly machines: readonly HostMachine[];
  readonly keys: readonly { readonly key: string; readonly meaning: string }[];
  /** What the state has here, and the host does not, or not running. */
  readonly missing: readonly Named[];
  /** What is marked as the environment's, and the state does not have. */
  readonly unexpected: readonly Named[];
}

/** An environment, and what it is made of. */
export interface Whole extends Identity {
  readonly topology: Topology;
}

/** A host to be looked at; `on` is its name, undefined for the one that looks. */
export interface HostToInspect {
  readonly name: string;
  readonly on: string | undefined;
  readonly address: string;
  readonly session: HostSession;
}

/** The kinds of objects that the state knows all of. */
const COMPARED = ["network", "container", "namespace", "member"];

/** Looks at a host. One that does not answer is told as such. */
export async function inspectHost({ name, on, address, session }: HostToInspect, whole: Whole): Promise<Inspected> {
  const known = { host: name, address };
  try {
    const [containers, networks, namespaces, member] = await Promise.all([
      session.containers(),
      session.networks(),
      namespacesOf(session, on, whole),
      on === undefined ? undefined : etcdMember(session),
    ]);
    const labels = stackLabels(whole);
    const own = { containers: labelled(shownIn(containers), labels), networks: labelled(networks, labels) };
    const [engine, store, role, volumes, keys, machines, detailed] = await Promise.all([
      engineVersion(session),
      clusterStore(session),
      swarmRole(session),
      volumesOf(session, labels),
      on === undefined ? [] : storeKeys(session),
      on === undefined ? machinesOf(session, whole) : [],
      Promise.all(own.networks.map((network) => networkIn(session, network, containers))),
    ]);
    const there = [
      ...[...networks.keys()].map((each) => ({ kind: "network", name: each })),
      ...[...containers.keys()].map((each) => ({ kind: "container", name: each })),
      ...namespaces.map((each) => ({ kind: "namespace", name: each.name })),
      ...(member ? [{ kind: "member", name: member.name }] : []),
    ];
    const marked = [
      ...own.networks.map((each) => ({ kind: "network", name: each.name })),
      ...own.containers.map((each) => ({ kind: "container", name: each.name })),
      ...namespaces.map((each) => ({ kind: "namespace", name: each.name })),
    ];
    const expected = expectedOn(whole.topology, on);
    const shown = own.containers.map(({ details: _, ...container }) => container);
    const found = { networks: detailed, containers: shown, namespaces, volumes, machines, keys, member };
    const lost = machines
      .filter(({ state }) => state !== "running")
      .map(({ name: each }) => ({ kind: "machine", name: each }));
    const differing = { missing: [...without(expected, there), ...lost], unexpected: without(marked, expected) };
    return {
      ...known,
      seen: true,
      engine: engine ?? "no answer",
      store: store?.url || inSwarm(role),
      ...found,
      ...differing,
    };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    const nothing = {
      networks: [],
      containers: [],
      namespaces: [],
      volumes: [],
      machines: [],
      keys: [],
      missing: [],
      unexpected: [],
    };
    return { ...known, seen: false, engine: error.message, store: "", member: undefined, ...nothing };
  }
}

/** The containers under the names that they go by, without those of tasks that have ended, which the swarm replaces. */
const shownIn = (containers: ReadonlyMap<string, Container>): ReadonlyMap<string, Container> =>
  new Map(
    [...containers]
      .filter(
        ([name, { labels, running }]) =>
          running || labels[SERVICE_LABEL] === undefined || labels[SERVICE_LABEL] === name,
      )
      .map(([name, container]) => [name, { ...container, name }]),
  );

const inSwarm = (role: string | undefined): string => (role === undefined ? "" : `swarm, ${role}`);

const without = (all: readonly Named[], some: readonly Named[]): Named[] =>
  all.filter(({ kind, name }) => !some.some((each) => each.kind === kind && each.name === name));

/** What the state has on a host. What labs have in common, such as docker0, is there with any engine. */
const expectedOn = ({ nodes }: Topology, on: string | undefined): Named[] =>
  nodes.filter(({ kind, lab, in: inside }) => COMPARED.includes(kind) && lab !== undefined && inside === hostId(on));

/** The namespaces that the state has, and those whose loopback says that they are the environment's. */
async function namespacesOf(session: HostSession, on: string | undefined, whole: Whole) {
  const expected = expectedOn(whole.topology, on).map(({ name }) => name);
  const all = (await namespacesOn(session)).map(async (name) => ({
    name,
    interfaces: await interfacesOf(session, netnsExec(name)),
  }));
  const own = (await Promise.all(all)).filter(
    ({ name, interfaces }) =>
      expected.includes(name) || interfaces.some((each) => each.name === "lo" && each.alias === ownerOf(whole)),
  );
  return own.map(({ name, interfaces }) => ({ name, interfaces: interfaces.map(({ link: _, ...shown }) => shown) }));
}

/** The virtual machines that the state has; none where only root may look. */
async function machinesOf(session: HostSession, whole: Whole): Promise<HostMachine[]> {
  const names = machineNames(whole.topology);
  if (names.size === 0) return [];
  return expectedMachines(names, ownerOf(whole), await readMachines(session)) ?? [];
}

async function volumesOf(session: HostSession, labels: Readonly<Record<string, string>>): Promise<string[]> {
  const filters = Object.entries(labels).flatMap(([key, value]) => ["--filter", `label=${key}=${value}`]);
  const listed = (await session.attempt(["docker", "volume", "ls", "--format", "{{.Name}}", ...filters])) ?? "";
  return listed.split("\n").filter((name) => name !== "");
}

async function networkIn(
  session: HostSession,
  network: Network,
  containers: ReadonlyMap<string, Container>,
): Promise<InspectedNetwork> {
  const count = [...containers.values()].filter(({ addresses }) => network.name in addresses).length;
  const overlay = network.driver === "overlay" ? await overlayFacts(session, network.id) : undefined;
  return { ...network, count, ...(overlay && { overlay }) };
}
