import * as z from "zod";
import type { Machine } from "./machine.ts";

/** What a machine knows of an overlay network: how its packets travel, and to which machine each address leads. */
export interface OverlayFacts {
  /** The number that VXLAN packets of the network carry (RFC 7348). */
  readonly vni: number;
  readonly mtu: number;
  /** Forwarding entries: behind which machine's address a container's MAC address is. */
  readonly fdb: readonly { readonly mac: string; readonly machine: string }[];
  /** Neighbour entries: which MAC address a container's address has. */
  readonly neighbours: readonly { readonly address: string; readonly mac: string }[];
}

const Links = z.array(z.object({ mtu: z.int(), linkinfo: z.object({ info_data: z.object({ id: z.int() }) }) }));
const Fdb = z.array(z.object({ mac: z.string(), dst: z.string().optional() }));
const Neighbours = z.array(z.object({ dst: z.string(), lladdr: z.string().optional() }));

/** Looks into the namespace that the engine keeps for the network; undefined where no container of it runs. */
export async function overlayFacts(machine: Machine, networkId: string): Promise<OverlayFacts | undefined> {
  const script = `at=$(ls -d /var/run/docker/netns/*-"$0") || exit 1
    inside() { nsenter --net="$at" "$@"; echo; }
    inside ip -d -j link show type vxlan; inside bridge -j fdb show dev vxlan0; inside ip -j neigh show dev vxlan0`;
  const printed = await machine.attempt(["sh", "-c", script, networkId.slice(0, 10)]);
  const [links, fdb, neighbours] = (printed ?? "").split("\n").filter((line) => line !== "");
  if (links === undefined || fdb === undefined) return undefined;
  const [link] = Links.parse(JSON.parse(links));
  if (!link) return undefined;
  return {
    vni: link.linkinfo.info_data.id,
    mtu: link.mtu,
    fdb: Fdb.parse(JSON.parse(fdb)).flatMap(({ mac, dst }) => (dst === undefined ? [] : [{ mac, machine: dst }])),
    neighbours: Neighbours.parse(JSON.parse(neighbours ?? "[]")).flatMap(({ dst, lladdr }) =>
      lladdr === undefined ? [] : [{ address: dst, mac: lladdr }],
    ),
  };
}

/** What the keys below /docker in etcd are for, by their beginning (libnetwork, datastore). */
const MEANINGS: readonly (readonly [prefix: string, meaning: string])[] = [
  ["/docker/nodes/", "an engine that is there, at the address that it advertises; its entry expires when it is gone"],
  ["/docker/network/v1.0/network/", "a network: its name, id, driver and options"],
  [
    "/docker/network/v1.0/endpoint_count/",
    "how many containers are on a network, so that it is not removed under them",
  ],
  ["/docker/network/v1.0/endpoint/", "a container on a network: its name, address and MAC address"],
  ["/docker/network/v1.0/ipam/", "the addresses of a block, and which of them are taken"],
  ["/docker/network/v1.0/idm/", "the VXLAN numbers that are taken"],
  ["/docker/network/v1.0/overlay/", "the block and the VXLAN number of an overlay network"],
  ["/docker/network/v1.0/", "the engines' own record of their store"],
];

/** What a key in etcd is for. */
export const meaningOf = (key: string): string =>
  MEANINGS.find(([prefix]) => key.startsWith(prefix))?.[1] ?? "not the engine's";

interface Node {
  readonly key?: string | undefined;
  readonly dir?: boolean | undefined;
  readonly nodes?: readonly Node[] | undefined;
}
const Node: z.ZodType<Node> = z.object({
  key: z.string().optional(),
  dir: z.boolean().optional(),
  get nodes() {
    return z.array(Node).optional();
  },
});

/** All keys below /docker in the etcd of a machine, each with what it is for; none where etcd does not answer. */
export async function storeKeys(machine: Machine): Promise<{ readonly key: string; readonly meaning: string }[]> {
  const url = "http://127.0.0.1:2379/v2/keys/docker?recursive=true";
  const answer = await machine.attempt(["curl", "-fsS", "-m", "3", url]);
  if (answer === undefined) return [];
  const { node } = z.object({ node: Node }).parse(JSON.parse(answer));
  return leaves(node)
    .sort()
    .map((key) => ({ key, meaning: meaningOf(key) }));
}

/** A directory that holds no key is what is left of something that is gone. */
const leaves = ({ key, dir, nodes = [] }: Node): string[] =>
  dir ? nodes.flatMap(leaves) : key === undefined ? [] : [key];
