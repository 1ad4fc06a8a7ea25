import * as z from "zod";
import type { HostAccess } from "../../stacks/checks.ts";
import { type Container, labelled, type Network } from "../engine.ts";
import { enteringNamespace } from "../entering.ts";
import { etcdMember } from "../etcd.ts";
import { rulesOf } from "../firewall.ts";
import { namespacesOn } from "../interfaces.ts";
import { Impossible, type Machine, machines } from "../machine.ts";
import { type OverlayFacts, overlayFacts } from "../overlayFacts.ts";

/** A network interface as the kernel has it. */
export interface Interface {
  readonly name: string;
  readonly index: number;
  /** Number of the other end of its cable, or its own where it is no cable. */
  readonly peerIndex: number;
  /** Whether it is up and, where it is a cable, the other end, too. */
  readonly up: boolean;
  readonly mac: string;
  /** IPv4 addresses with prefix length; none are known of a container's, which the engine tells. */
  readonly addresses: readonly string[];
  /** Packets since it was made. */
  readonly rx: number;
  readonly tx: number;
  /** The bridge that it is a port of. */
  readonly master: string | undefined;
}

/** What one machine shows of an environment. */
export interface Sight {
  /** Whether it could be looked at at all; without that everything else is empty. */
  readonly reached: boolean;
  readonly containers: ReadonlyMap<string, Container>;
  readonly networks: ReadonlyMap<string, Network>;
  /** Names of the containers and networks that carry the environment's labels. */
  readonly own: ReadonlySet<string>;
  /** Interfaces of the machine itself; none where only its engine is within reach. */
  readonly interfaces: readonly Interface[];
  /** Named network namespaces there are; only root may enter them. */
  readonly namespaces: ReadonlySet<string>;
  /** Interfaces of a container or of a named network namespace, by `KIND:NAME`; none of one that is not there. */
  readonly inside: ReadonlyMap<string, readonly Interface[]>;
  /** Overlay networks of which a container runs on the machine, by name. */
  readonly overlays: ReadonlyMap<string, OverlayFacts>;
  /** The rules of its packet filter, as iptables writes them; only root may see them. */
  readonly rules: readonly string[];
  /** Its default route. */
  readonly route: string | undefined;
  /** Where its engine keeps its networks. */
  readonly store: string | undefined;
  /** Its member of etcd's cluster. */
  readonly member: { readonly role: string; readonly healthy: boolean } | undefined;
}

const BLIND: Sight = {
  reached: false,
  containers: new Map(),
  networks: new Map(),
  own: new Set(),
  interfaces: [],
  namespaces: new Set(),
  inside: new Map(),
  overlays: new Map(),
  rules: [],
  route: undefined,
  store: undefined,
  member: undefined,
};

/** What to look for on a machine, by name. */
export interface Wanted {
  /** Its name among the hosts; undefined is this machine. */
  readonly machine: string | undefined;
  readonly containers: readonly string[];
  readonly namespaces: readonly string[];
  readonly member: boolean;
}

/** Looks at the machines of an environment, at all of them at once. */
export async function lookAt(
  hosts: Readonly<Record<string, HostAccess>>,
  labels: Readonly<Record<string, string>>,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string | undefined, Sight>> {
  const all = machines(hosts);
  return new Map(
    await Promise.all(wanted.map(async (each) => [each.machine, await look(all(each.machine), labels, each)] as const)),
  );
}

async function look(machine: Machine, labels: Readonly<Record<string, string>>, wanted: Wanted): Promise<Sight> {
  try {
    const [containers, networks] = await Promise.all([machine.containers(), machine.networks()]);
    const own = [...labelled(containers, labels), ...labelled(networks, labels)].map(({ name }) => name);
    const running = [...new Set([...wanted.containers, ...own])].filter((name) => containers.get(name)?.running);
    const overlays = [...networks.values()].filter(({ driver }) => driver === "overlay");
    const [interfaces, namespaces, inside, facts, rules, route, store, member] = await Promise.all([
      byIp(machine, []),
      namespacesOn(machine),
      Promise.all([
        ...running.map(async (name) => [`container:${name}`, await bySysfs(machine, name)] as const),
        ...wanted.namespaces.map(
          async (name) => [`namespace:${name}`, await byIp(machine, enteringNamespace(name))] as const,
        ),
      ]),
      Promise.all(overlays.map(async ({ name, id }) => [name, await overlayFacts(machine, id)] as const)),
      rulesOf(machine),
      machine.attempt(["ip", "-o", "route", "show", "default"]),
      machine.attempt(["docker", "info", "--format", "{{.ClusterStore}}"]),
      wanted.member ? etcdMember(machine) : undefined,
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
      rules: (rules ?? []).map(({ text }) => text),
      route: route || undefined,
      store: store || undefined,
      member,
    };
  } catch (error) {
    if (error instanceof Impossible) return BLIND;
    throw error;
  }
}

const Counted = z.object({ packets: z.int() });
const Addresses = z.array(
  z.object({
    ifindex: z.int(),
    link_index: z.int().optional(),
    ifname: z.string(),
    flags: z.array(z.string()),
    address: z.string().default(""),
    master: z.string().optional(),
    addr_info: z.array(z.object({ family: z.string(), local: z.string(), prefixlen: z.int() })),
    stats64: z.object({ rx: Counted, tx: Counted }),
  }),
);

/** The interfaces of a network namespace; the words before enter it. None where only root may, or ip is not there. */
async function byIp(machine: Machine, before: readonly string[]): Promise<Interface[]> {
  const printed = await machine.attempt([...before, "ip", "-j", "-s", "address", "show"]);
  return Addresses.parse(JSON.parse(printed ?? "[]")).map(({ ifindex, ifname, flags, address, stats64, ...found }) => ({
    name: ifname,
    index: ifindex,
    peerIndex: found.link_index ?? ifindex,
    up: flags.includes("UP") && (flags.includes("LOWER_UP") || found.link_index === undefined),
    mac: address,
    addresses: found.addr_info
      .filter(({ family }) => family === "inet")
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    rx: stats64.rx.packets,
    tx: stats64.tx.packets,
    master: found.master,
  }));
}

/** As `byIp`, with nothing but a shell: a container may have no program ip (sysfs-class-net). */
async function bySysfs(machine: Machine, container: string): Promise<Interface[]> {
  const script = `cd /sys/class/net && for each in *; do
    cd "/sys/class/net/$each"
    read -r i <ifindex; read -r p <iflink; read -r m <address; read -r s <operstate
    read -r r <statistics/rx_packets; read -r t <statistics/tx_packets
    echo "$each $i $p $m $s $r $t"
  done`;
  const printed = await machine.attempt(["docker", "exec", container, "sh", "-c", script]);
  return (printed ?? "").split("\n").flatMap((line) => {
    const [name, index, peerIndex, mac = "", state, rx, tx] = line.split(" ");
    if (name === undefined || tx === undefined) return [];
    const [up, numbers] = [
      state === "up",
      { index: Number(index), peerIndex: Number(peerIndex), rx: Number(rx), tx: Number(tx) },
    ];
    return [{ name, mac, up, addresses: [], master: undefined, ...numbers }];
  });
}
