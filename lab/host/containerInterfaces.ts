import type { Container } from "./containers.ts";
import { type Interface, interfacesOf, LIST, parseInterfaces } from "./interfaces.ts";
import { netnsExecOfProcess } from "./netnsExec.ts";
import type { HostSession } from "./session.ts";

/** Returns the interfaces in a container, as root or else with its own `ip`; undefined if neither works. */
export async function interfacesIn(session: HostSession, { name, pid }: Container): Promise<Interface[] | undefined> {
  const seen = await interfacesOf(session, netnsExecOfProcess(pid));
  if (seen.length > 0) return seen;
  const own = await session.read(["docker", "exec", name, ...LIST]);
  return own === undefined ? undefined : parseInterfaces(own);
}

/**
 * States of an interface that passes packets. The kernel may report only `unknown` for loopback and macvlan interfaces.
 */
const IN_USE: readonly string[] = ["up", "unknown"];

/**
 * Lists the interfaces in a container with only a shell, since it may not have `ip` (sysfs-class-net); none if it has
 * no shell either. Addresses, kinds and bridges are unknown.
 */
export async function interfacesBySysfs(session: HostSession, container: string): Promise<Interface[]> {
  const script = `cd /sys/class/net && for each in *; do
    cd "/sys/class/net/$each"
    read -r i <ifindex; read -r p <iflink; read -r m <address; read -r s <operstate
    read -r r <statistics/rx_packets; read -r t <statistics/tx_packets
    echo "$each $i $p $m $s $r $t"
  done`;
  const printed = await session.read(["docker", "exec", container, "sh", "-c", script]);
  return (printed ?? "").split("\n").flatMap((line): Interface[] => {
    const [name, index, other, mac = "", state, rx, tx] = line.split(" ");
    if (name === undefined || tx === undefined) return [];
    return [
      {
        name,
        index: Number(index),
        peer: other === index ? undefined : Number(other),
        state: state !== undefined && IN_USE.includes(state) ? "up" : "down",
        ...{ parent: undefined, alias: undefined, master: undefined, kind: undefined, addresses: [] },
        link: { mac, mtu: undefined, vni: undefined, mode: undefined, rx: Number(rx), tx: Number(tx) },
      },
    ];
  });
}
