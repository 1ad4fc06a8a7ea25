import * as z from "zod";
import { readJson } from "./readJson.ts";
import type { HostSession } from "./session.ts";

const Packets = z.object({ packets: z.int() });
/** The fields used of `ip -j -d -s address show`; `ip link show` prints no addresses. */
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
    // Links of other kinds have ids in another format.
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
  /** Index, unique only in its network namespace. */
  readonly index: number;
  /** Index of the other end of its cable, in the namespace of that end; undefined for other interfaces. */
  readonly peer: number | undefined;
  /** Index of the parent of a macvlan interface, in the parent's namespace; undefined for other interfaces. */
  readonly parent: number | undefined;
  /** Alias (ip-link(8)). */
  readonly alias: string | undefined;
  /** Bridge that it is a port of. */
  readonly master: string | undefined;
  /** `veth`, `bridge`, `vxlan`, `macvlan`; undefined for a loopback or a network card. */
  readonly kind: string | undefined;
  /** `unplugged`: up, but the other end of the cable is down. */
  readonly state: "up" | "down" | "unplugged";
  /** IPv4 addresses with prefix length. */
  readonly addresses: readonly string[];
  readonly link: Link;
}

/** Link properties of an interface (ip-link(8)). */
export interface Link {
  /** Empty if it has no MAC address. */
  readonly mac: string;
  readonly mtu: number | undefined;
  /** VXLAN network identifier (RFC 7348). */
  readonly vni: number | undefined;
  /** Mode of a macvlan interface (ip-link(8)). */
  readonly mode: string | undefined;
  /** Packets since it was created; undefined if they were not requested. */
  readonly rx: number | undefined;
  readonly tx: number | undefined;
}

/** Reads the output of `ip -j address show`, or of another ip command; with `-d`, kinds are known too. */
export function parseInterfaces(json: string, command = "ip address"): Interface[] {
  const all = readJson(Printed, json, command);
  // ip shows the other end of a cable, or a parent, by index, or by name if it is in the same namespace.
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

/** Whether packets pass. An interface without a cable has no other end that could be down. */
export const isUp = ({ state, peer }: Interface): boolean =>
  state === "up" || (state === "unplugged" && peer === undefined);

/** Reads the same output into a map from name to state and addresses, for example `up 192.168.1.1/24`. */
export const readInterfaces = (json: string): ReadonlyMap<string, string> =>
  new Map(parseInterfaces(json).map(({ name, state, addresses }) => [name, [state, ...addresses].join(" ")]));

/** Command that lists the interfaces of a network namespace with everything read from them. */
export const LIST: readonly string[] = ["ip", "-j", "-d", "-s", "address", "show"];

/**
 * Returns the interfaces of the network namespace that `enter` enters, by default the host's; none without permission.
 */
export async function interfacesOf(session: HostSession, enter: readonly string[] = []): Promise<Interface[]> {
  return parseInterfaces((await session.read([...enter, ...LIST])) ?? "[]");
}

/** Returns the names of a host's named network namespaces (ip-netns(8)). */
export const namespacesOn = async (session: HostSession): Promise<string[]> =>
  ((await session.read(["ip", "netns", "list"])) ?? "").split("\n").flatMap((line) => line.split(" ")[0] || []);

/**
 * Returns, by interface name, the network namespace of the other end of its cable, by name or else number: ip shows the
 * names in text output only.
 */
export async function farNamespaces(
  session: HostSession,
  enter: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const lines = ((await session.read([...enter, "ip", "-o", "link", "show"])) ?? "").split("\n");
  const found = lines.map((line) => /^\d+: (\S+?)@.*link-netns(?:id)? ([^\s\\]+)/.exec(line) ?? []);
  return new Map(found.flatMap(([, name, namespace]) => (name && namespace ? [[name, namespace]] : [])));
}
