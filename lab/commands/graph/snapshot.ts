import { nodeId } from "../../../components/lib/nodeId.ts";
import type { HostAccess } from "../../../stacks/checks.ts";
import { interfacesBySysfs } from "../../host/containerInterfaces.ts";
import type { Container } from "../../host/containers.ts";
import { clusterStore } from "../../host/engineInfo.ts";
import { etcdMember } from "../../host/etcd.ts";
import { firewallOf } from "../../host/firewall/read.ts";
import type { Firewall } from "../../host/firewall/rules.ts";
import { type Interface, interfacesOf, namespacesOn } from "../../host/interfaces.ts";
import { labelled } from "../../host/labels.ts";
import { netnsExec } from "../../host/netnsExec.ts";
import type { Network } from "../../host/networks.ts";
import { type OverlayFacts, overlayFacts } from "../../host/overlayFacts.ts";
import { ProbeError } from "../../host/probeError.ts";
import { defaultRoute } from "../../host/routes.ts";
import type { HostSession } from "../../host/session.ts";
import { hostSessions } from "../../host/sessions.ts";

/** State of an environment on one host. */
export interface Snapshot {
  /** Whether the host could be inspected; if not, everything else is empty. */
  readonly reached: boolean;
  readonly containers: ReadonlyMap<string, Container>;
  readonly networks: ReadonlyMap<string, Network>;
  /** Names of the containers and networks that carry the environment's labels. */
  readonly own: ReadonlySet<string>;
  /** Interfaces of the host itself; empty if only its engine is reachable. */
  readonly interfaces: readonly Interface[];
  /** Existing named network namespaces; only root can enter them. */
  readonly namespaces: ReadonlySet<string>;
  /** Interfaces of a container or named network namespace, by id without the host; none if it does not exist. */
  readonly inside: ReadonlyMap<string, readonly Interface[]>;
  /** Overlay networks with a running container on the host, by name. */
  readonly overlays: ReadonlyMap<string, OverlayFacts>;
  /** Firewall rules; only root can list them. */
  readonly firewall: Firewall | undefined;
  /** Default route. */
  readonly route: string | undefined;
  /** URL of the engine's cluster store. */
  readonly store: string | undefined;
  /** Its member of the etcd cluster. */
  readonly member: { readonly role: string; readonly healthy: boolean } | undefined;
}

const EMPTY: Snapshot = {
  reached: false,
  containers: new Map(),
  networks: new Map(),
  own: new Set(),
  interfaces: [],
  namespaces: new Set(),
  inside: new Map(),
  overlays: new Map(),
  firewall: undefined,
  route: undefined,
  store: undefined,
  member: undefined,
};

/** Names of what to inspect on a host. */
export interface Wanted {
  /** Name of the host; undefined for this host. */
  readonly host: string | undefined;
  readonly containers: readonly string[];
  readonly namespaces: readonly string[];
  readonly member: boolean;
}

/** Inspects all hosts of an environment in parallel. */
export async function takeSnapshots(
  hosts: Readonly<Record<string, HostAccess>>,
  labels: Readonly<Record<string, string>>,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string | undefined, Snapshot>> {
  const all = hostSessions(hosts);
  return new Map(
    await Promise.all(wanted.map(async (each) => [each.host, await look(all(each.host), labels, each)] as const)),
  );
}

async function look(session: HostSession, labels: Readonly<Record<string, string>>, wanted: Wanted): Promise<Snapshot> {
  try {
    const [containers, networks] = await Promise.all([session.containers(), session.networks()]);
    const own = [...labelled(containers, labels), ...labelled(networks, labels)].map(({ name }) => name);
    const running = [...new Set([...wanted.containers, ...own])].filter((name) => containers.get(name)?.running);
    const overlays = [...networks.values()].filter(({ driver }) => driver === "overlay");
    const [interfaces, namespaces, inside, facts, firewall, route, store, member] = await Promise.all([
      interfacesOf(session),
      namespacesOn(session),
      Promise.all([
        ...running.map(
          async (name) => [nodeId("container", name, undefined), await interfacesBySysfs(session, name)] as const,
        ),
        ...wanted.namespaces.map(
          async (name) => [nodeId("namespace", name, undefined), await interfacesOf(session, netnsExec(name))] as const,
        ),
      ]),
      Promise.all(overlays.map(async ({ name, id }) => [name, await overlayFacts(session, id)] as const)),
      firewallOf(session),
      defaultRoute(session),
      clusterStore(session),
      wanted.member ? etcdMember(session) : undefined,
    ]);
    return {
      reached: true,
      containers,
      networks,
      own: new Set(own),
      interfaces,
      namespaces: new Set(namespaces),
      inside: new Map(inside),
      overlays: new Map(facts.flatMap(([name, found]) => (found ? [[name, found]] : []))),
      firewall,
      route,
      store: store?.url || undefined,
      member,
    };
  } catch (error) {
    if (error instanceof ProbeError) return EMPTY;
    throw error;
  }
}
