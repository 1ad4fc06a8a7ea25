import * as z from "zod";
import { readJson } from "./readJson.ts";
import type { HostSession } from "./session.ts";

const Packets = z.object({ packets: z.int() });
/** What `ip -j -d -s address show` prints, as far as it is needed; of `ip link show` there are no addresses. */
const Printed = z.array(
  z.object({
    ifindex: z.int().optional(),
    ifname: z.string(),
    link_index: z.int().optional(),
    link: z.string().optional(),
    master: z.string().optional(),
    ifalias: z.string().optional(),
    flags: z.array(z.string()),
    address: z.string().default(""),
    mtu: z.int().optional(),
    // Links of other kinds have an id of another form.
    linkinfo: z
      .object({
        info_kind: z.string().optional(),
        info_data: z
          .object({ id: z.int().optional().catch(undefined), mode: z.string().optional().catch(undefined) })
          .optional(),
      })
      .optional(),
    addr_info: z.array(z.object({ family: z.string(), local: z.string(), prefixlen: z.int() })).default([]),
    stats64: z.object({ rx: Packets, tx: Packets }).optional(),
  }),
);

/** A network interface. */
export interface Interface {
  readonly name: string;
  /** Its number, unique in its network namespace only. */
  readonly index: number;
  /** Number of the other end of its cable, in the namespace which that is in; undefined for what is no end of a cable. */
  readonly peer: number | undefined;
  /** Number of the parent of a macvlan interface, in the namespace which that is in; undefined for any other. */
  readonly parent: number | undefined;
  /** Its alias (ip-link(8)). */
  readonly alias: string | undefined;
  /** The bridge that it is a port of. */
  readonly master: string | undefined;
  /** `veth`, `bridge`, `vxlan`, `macvlan`; undefined for a loopback or a network card. */
  readonly kind: string | undefined;
  /** `unplugged` is up with the other end of the cable down. */
  readonly state: "up" | "down" | "unplugged";
  /** IPv4 addresses with prefix length. */
  readonly addresses: readonly string[];
  readonly link: Link;
}

/** What an interface is as a link (ip-link(8)). */
export interface Link {
  /** Empty for one that has no MAC address. */
  readonly mac: string;
  readonly mtu: number | undefined;
  /** The number that the packets of a VXLAN interface carry (RFC 7348). */
  readonly vni: number | undefined;
  /** The mode of a macvlan interface (ip-link(8)). */
  readonly mode: string | undefined;
  /** Packets since it was made; undefined where they were not asked for. */
  readonly rx: number | undefined;
  readonly tx: number | undefined;
}

/** Reads the output of `ip -j address show`, or of another command of ip; with `-d`, kinds are known, too. */
export function parseInterfaces(json: string, command = "ip address"): Interface[] {
  const all = readJson(Printed, json, command);
  // The other end of a cable, or a parent, is told by number, or by name where it is in the same namespace.
  const ofCable = (link: string | undefined, ifname: string) =>
    all.find((each) => each.ifname === link && each.link === ifname)?.ifindex;
  const byName = (link: string | undefined) => all.find((each) => each.ifname === link)?.ifindex;
  return all.map(({ ifindex = 0, ifname, link_index, link, ifalias, master, flags, linkinfo, ...found }) => ({
    name: ifname,
    index: ifindex,
    ...(linkinfo?.info_kind === "macvlan"
      ? { peer: undefined, parent: link_index ?? byName(link) }
      : { peer: link_index ?? ofCable(link, ifname), parent: undefined }),
    alias: ifalias,
    master,
    kind: linkinfo?.info_kind,
    state: flags.includes("UP") ? (flags.includes("LOWER_UP") ? "up" : "unplugged") : "down",
    addresses: found.addr_info
      .filter(({ family }) => family === "inet")
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    link: {
      mac: found.address,
      mtu: found.mtu,
      vni: linkinfo?.info_kind === "vxlan" ? linkinfo.info_data?.id : undefined,
      mode: linkinfo?.info_kind === "macvlan" ? linkinfo.info_data?.mode : undefined,
      rx: found.stats64?.rx.packets,
      tx: found.stats64?.tx.packets,
    },
  }));
}

/** Whether packets pass: what is no end of a cable has no other end that could be down. */
export const isUp = ({ state, peer }: Interface): boolean =>
  state === "up" || (state === "unplugged" && peer === undefined);

/** The same, by name a state and the addresses, for example `up 192.168.1.1/24`. */
export const readInterfaces = (json: string): ReadonlyMap<string, string> =>
  new Map(parseInterfaces(json).map(({ name, state, addresses }) => [name, [state, ...addresses].join(" ")]));

/** The command that lists the interfaces of a network namespace with all that is read of them. */
export const LIST: readonly string[] = ["ip", "-j", "-d", "-s", "address", "show"];

/** The interfaces of a network namespace that a command enters, by default the host's own; none without the right to. */
export async function interfacesOf(session: HostSession, enter: readonly string[] = []): Promise<Interface[]> {
  return parseInterfaces((await session.read([...enter, ...LIST])) ?? "[]");
}

/** The names of the network namespaces of a host that have one (ip-netns(8)). */
export const namespacesOn = async (session: HostSession): Promise<string[]> =>
  ((await session.read(["ip", "netns", "list"])) ?? "").split("\n").flatMap((line) => line.split(" ")[0] || []);

/**
 * By name of an interface, the network namespace that the other end of its cable is in, by its name or else its number:
 * of these ip shows the names to people only.
 */
export async function farNamespaces(
  session: HostSession,
  enter: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const lines = ((await session.read([...enter, "ip", "-o", "link", "show"])) ?? "").split("\n");
  const found = lines.map((line) => /^\d+: (\S+?)@.*link-netns(?:id)? ([^\s\\]+)/.exec(line) ?? []);
  return new Map(found.flatMap(([, name, namespace]) => (name && namespace ? [[name, namespace]] : [])));
}
