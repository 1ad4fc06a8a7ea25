import * as z from "zod";
import type { Machine } from "./machine.ts";

/** What `ip -j -d address show` prints, as far as it is needed. */
const Printed = z.array(
  z.object({
    ifindex: z.int().optional(),
    ifname: z.string(),
    link_index: z.int().optional(),
    link: z.string().optional(),
    master: z.string().optional(),
    ifalias: z.string().optional(),
    flags: z.array(z.string()),
    linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
    addr_info: z.array(z.object({ family: z.string(), local: z.string(), prefixlen: z.int() })),
  }),
);

/** A network interface. */
export interface Interface {
  readonly name: string;
  /** Its number, unique in its network namespace only. */
  readonly index: number;
  /** Number of the other end of its cable, in the namespace which that is in; undefined for what is no end of a cable. */
  readonly peer: number | undefined;
  /** What somebody wrote on it (ip-link(8), alias). */
  readonly alias: string | undefined;
  /** The bridge that it is a port of. */
  readonly master: string | undefined;
  /** `veth`, `bridge`, `vxlan`; undefined for a loopback or a network card. */
  readonly kind: string | undefined;
  /** `unplugged` is up with the other end of the cable down. */
  readonly state: "up" | "down" | "unplugged";
  /** IPv4 addresses with prefix length. */
  readonly addresses: readonly string[];
}

/** Reads the output of `ip -j address show`; with `-d`, kinds are known, too. */
export function parseInterfaces(json: string): Interface[] {
  const all = Printed.parse(JSON.parse(json));
  // The other end of a cable is told by number, or by name where it is in the same namespace.
  const named = (link: string | undefined, ifname: string) =>
    all.find((each) => each.ifname === link && each.link === ifname)?.ifindex;
  return all.map(({ ifindex = 0, ifname, link_index, link, ifalias, master, flags, linkinfo, addr_info }) => ({
    name: ifname,
    index: ifindex,
    peer: link_index ?? named(link, ifname),
    alias: ifalias,
    master,
    kind: linkinfo?.info_kind,
    state: flags.includes("UP") ? (flags.includes("LOWER_UP") ? "up" : "unplugged") : "down",
    addresses: addr_info
      .filter(({ family }) => family === "inet")
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  }));
}

/** The same, by name a state and the addresses, for example `up 192.168.1.1/24`. */
export const readInterfaces = (json: string): ReadonlyMap<string, string> =>
  new Map(parseInterfaces(json).map(({ name, state, addresses }) => [name, [state, ...addresses].join(" ")]));

/** The interfaces of a network namespace that a command enters, by default the machine's own; none without the right to. */
export async function interfacesOf(machine: Machine, enter: readonly string[] = []): Promise<Interface[]> {
  return parseInterfaces((await machine.attempt([...enter, "ip", "-j", "-d", "address", "show"])) ?? "[]");
}

/** The names of the network namespaces of a machine that have one (ip-netns(8)). */
export const namespacesOn = async (machine: Machine): Promise<string[]> =>
  ((await machine.attempt(["ip", "netns", "list"])) ?? "").split("\n").flatMap((line) => line.split(" ")[0] || []);
