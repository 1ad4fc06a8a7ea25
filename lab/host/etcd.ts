import * as z from "zod";
import { readScript } from "../../components/host-script/scriptText.ts";
import { leaves, Node } from "./etcd/keys.ts";
import { parsed } from "./readJson.ts";
import type { HostSession } from "./session.ts";

const ASK = `${readScript(new URL("etcd/ask.sh", import.meta.url))}\nask_member "$@"`;
/** Where libnetwork keeps its networks in etcd (libnetwork, datastore). */
const NETWORKS = "/docker/network/v1.0/network";
/** How long an answer is waited for, in seconds. */
const PATIENCE_SEC = 3;

const Version = z.object({ etcdserver: z.string() });
const Committed = z.object({ action: z.literal("get") });
const Members = z.object({ members: z.array(z.object({ name: z.string(), clientURLs: z.array(z.string()) })) });
const Self = z.object({ name: z.string(), state: z.string() });
const Value = z.object({ node: z.object({ value: z.string() }) });
const Stored = z.object({ id: z.string(), name: z.string() });

/** Version of the member that answers a host at a client URL, its own one's by default; undefined where none does. */
export const etcdVersion = async (session: HostSession, url = ""): Promise<string | undefined> =>
  (await read(session, `${url}/version`, Version))?.etcdserver;

/** Whether a host's own member has a quorum behind it. Its /health says no in an alarm, too, in which the v2 API still writes. */
export const etcdHealthy = async (session: HostSession): Promise<boolean> =>
  (await read(session, `/v2/keys/?quorum=true`, Committed)) !== undefined;

/** The members that a host's own one knows of, by name; undefined where it does not answer. */
export const etcdMembers = async (session: HostSession) =>
  (await read(session, `/v2/members`, Members))?.members.sort((a, b) => (a.name < b.name ? -1 : 1));

/** Name and role (`leader`, `follower`) of a host's own member; undefined where none answers. */
export async function etcdSelf(
  session: HostSession,
): Promise<{ readonly name: string; readonly role: string } | undefined> {
  const self = await read(session, `/v2/stats/self`, Self);
  return self && { name: self.name, role: self.state.replace(/^State/, "").toLowerCase() };
}

/** A host's own member with its role, and whether it has a quorum behind it; undefined where none answers. */
export async function etcdMember(session: HostSession) {
  const [self, healthy] = await Promise.all([etcdSelf(session), etcdHealthy(session)]);
  return self && { ...self, healthy };
}

/** The network that etcd holds under an id of Docker's; undefined where it holds none. */
export async function storedNetwork(session: HostSession, id: string) {
  const found = await read(session, `/v2/keys${NETWORKS}/${id}/`, Value);
  return Stored.safeParse(parsed(found?.node.value)).data;
}

/** All keys below /docker in the etcd of a host, each with what it is for; none where etcd does not answer. */
export async function storeKeys(session: HostSession): Promise<{ readonly key: string; readonly meaning: string }[]> {
  const found = await read(session, `/v2/keys/docker?recursive=true`, z.object({ node: Node }));
  return leaves(found?.node ?? {})
    .flatMap(({ key }) => key ?? [])
    .sort()
    .map((key) => ({ key, meaning: meaningOf(key) }));
}

/** What the keys below /docker in etcd are for, by their beginning (libnetwork, datastore). */
const MEANINGS: readonly (readonly [prefix: string, meaning: string])[] = [
  ["/docker/nodes/", "an engine that is there, at the address that it advertises; its entry expires when it is gone"],
  [`${NETWORKS}/`, "a network: its name, id, driver and options"],
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

/** Asks a host's own member for a path, or another one for a URL. */
async function read<T extends z.ZodType>(session: HostSession, url: string, as: T): Promise<z.infer<T> | undefined> {
  return as.safeParse(parsed(await session.attempt(["sh", "-c", ASK, "sh", String(PATIENCE_SEC), url]))).data;
}
