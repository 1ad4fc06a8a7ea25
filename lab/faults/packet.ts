import { type Failure, foreignRules } from "../host/firewall/foreignRules.ts";
import { firewallOf } from "../host/firewall/read.ts";
import { between } from "../host/firewall/ways.ts";
import { interfacesOf } from "../host/interfaces.ts";
import { listeners } from "../host/listeners.ts";
import { netnsExecOfProcess } from "../host/netnsExec.ts";
import { containersOf, type EnvironmentHost, type Fault } from "./context.ts";

/** Packets between containers of a host, or between them and other addresses. */
export interface Traffic {
  readonly containers: readonly string[];
  readonly addresses: readonly string[];
  /** @default - any */
  readonly protocol?: "icmp" | "tcp" | "udp" | undefined;
  /** Destination TCP port. */
  readonly port?: number | undefined;
  /** How they fail. */
  readonly failure: Failure;
  /** Whether the host itself is one of the ends. */
  readonly own: boolean;
}

/** Returns the firewall rules that are not Docker's and may interfere with packets. */
export async function firewallFaults(host: EnvironmentHost, traffic: Traffic): Promise<Fault[]> {
  const { session } = host;
  const { containers: names, addresses, protocol, port, failure, own } = traffic;
  const [firewall, networks] = [await firewallOf(session), await session.networks().catch(() => undefined)];
  if (!firewall || !networks) return [];
  const containers = await containersOf(host);
  const ends = names.flatMap((name) => Object.entries(containers.get(name)?.addresses ?? {}));
  // Frames of a macvlan interface leave through its parent and bypass the host's firewall.
  if (ends.some(([network]) => networks.get(network)?.driver === "macvlan")) return [];
  const bridges = ends.flatMap(([network]) => networks.get(network)?.bridge ?? []);
  const cables = (await interfacesOf(session)).filter((each) => each.addresses.length > 0).map(({ name }) => name);
  const all = [...addresses, ...ends.map(([, address]) => address).filter((each) => each !== "")];
  const kind = { protocol: protocol && [protocol], port: port === undefined ? undefined : [String(port)] };
  // Packets that are not for a container may leave through any interface that has an address.
  const others = addresses.length > 0 ? cables : [];
  return foreignRules(firewall, { ...between(all, bridges, others), ...kind }, failure, own);
}

/** Returns the listeners on a port that should be closed, in the namespace of a container's processes. */
export async function listenerFaults(host: EnvironmentHost, name: string, port: number): Promise<Fault[]> {
  const { session } = host;
  const top = (await session.read(["docker", "top", name, "-o", "pid"])) ?? "";
  const pids = top.split("\n").filter((line) => /^\d+$/.test(line.trim()));
  const found = await Promise.all(pids.map((pid) => listeners(session, port, netnsExecOfProcess(Number(pid)))));
  return [...new Set(found.flat())].map((program) => ({
    title: `${program} listens on port ${port}, where the lab expects no listener`,
    fix: `docker restart ${name}`,
  }));
}
