import * as z from "zod";
import { parseInterfaces } from "./interfaces.ts";
import { readJson } from "./readJson.ts";
import type { HostSession } from "./session.ts";

/** A host's view of an overlay network: how its packets travel, and which host each address is on. */
export interface OverlayFacts {
  /** VXLAN network identifier of the network (RFC 7348). */
  readonly vni: number;
  readonly mtu: number;
  /** Forwarding entries: MAC address of a container, and address of its host. */
  readonly fdb: readonly { readonly mac: string; readonly host: string }[];
  /** Neighbour entries: address of a container, and its MAC address. */
  readonly neighbours: readonly { readonly address: string; readonly mac: string }[];
}

const Fdb = z.array(z.object({ mac: z.string(), dst: z.string().optional() }));
const Neighbours = z.array(z.object({ dst: z.string(), lladdr: z.string().optional() }));

/**
 * Runs a sh script inside the namespace that the engine keeps for an overlay network, whose name begins with a number.
 * `words` are its arguments `$1` and so on. Undefined if no container of the network runs.
 */
export const insideOverlay = (session: HostSession, networkId: string, script: string, ...words: readonly string[]) => {
  const enter = `at=$(ls -d /var/run/docker/netns/*-"$0") || exit 1
    inside() { nsenter --net="$at" "$@"; echo; }`;
  return session.attempt(["sh", "-c", `${enter}\n${script}`, networkId.slice(0, 10), ...words]);
};

/** Inspects the namespace that the engine keeps for the network; undefined if no container of it runs. */
export async function overlayFacts(session: HostSession, networkId: string): Promise<OverlayFacts | undefined> {
  const script =
    "inside ip -d -j link show type vxlan; inside bridge -j fdb show dev vxlan0; inside ip -j neigh show dev vxlan0";
  const printed = await insideOverlay(session, networkId, script);
  const [links, fdb, neighbours] = (printed ?? "").split("\n").filter((line) => line !== "");
  if (links === undefined || fdb === undefined) return undefined;
  const { mtu, vni } = parseInterfaces(links, "ip link")[0]?.link ?? {};
  if (mtu === undefined || vni === undefined) return undefined;
  return {
    vni,
    mtu,
    fdb: readJson(Fdb, fdb, "bridge fdb").flatMap(({ mac, dst }) => (dst === undefined ? [] : [{ mac, host: dst }])),
    neighbours: readJson(Neighbours, neighbours ?? "[]", "ip neigh").flatMap(({ dst, lladdr }) =>
      lladdr === undefined ? [] : [{ address: dst, mac: lladdr }],
    ),
  };
}
