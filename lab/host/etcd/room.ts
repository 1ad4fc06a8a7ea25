import * as z from "zod";
import { type Facts, readFacts } from "../facts.ts";
import { parsed } from "../readJson.ts";
import type { HostSession } from "../session.ts";
import { etcdCommand } from "./script.ts";

/** Facts that show whether a member can write. */
export interface EtcdRoom {
  /** Its data folder. */
  readonly folder: string;
  /** Free bytes there; undefined if the folder is missing. */
  readonly free: number | undefined;
  /** Whether there is no data. */
  readonly gone: boolean;
  /** Log message about its data, of a member that does not answer; empty if there is none. */
  readonly complaint: string;
  /** Alarms of any member, such as NOSPACE. */
  readonly alarms: readonly string[];
  /** Size of the v3 database and its quota, in bytes; 0 if the member does not answer. */
  readonly database: number;
  readonly quota: number;
  /** Number of different hashes of the v3 keys among the members, at the same revision. */
  readonly hashes: number;
}

/** A problem that keeps etcd from writing, and its fix. */
export interface RoomProblem {
  /** Description without a full stop. */
  readonly title: string;
  /** `replace`: the member, if the others have a quorum. */
  readonly cure: "free" | "compact" | "replace" | "restore";
}

/** Free bytes that etcd needs: its log files have 64 MB each, and it creates the next one in advance. */
const LEAST_FREE = 128e6;
/** Share of the quota. At the quota etcd stops writing, and the alarm stays on. */
const MOST_USED = 0.9;

const Status = z.object({ dbSize: z.coerce.number() });
const Alarms = z.object({ alarms: z.array(z.object({ alarm: z.string() })).default([]) });

/** Reads the facts on a member's host; undefined if the host does not answer. */
export async function etcdRoom(
  session: HostSession,
  name: string,
  clientUrls: readonly string[],
): Promise<EtcdRoom | undefined> {
  const text = await session.attempt(etcdCommand("room", "room", { NAME: name, URLS: clientUrls.join(",") }));
  return text === undefined ? undefined : readRoom(readFacts(text));
}

export function readRoom({ get, all }: Facts): EtcdRoom {
  const free = get("free");
  return {
    folder: get("folder") ?? "",
    free: free ? Number(free) : undefined,
    gone: get("gone") === "yes",
    complaint: get("complaint") ?? "",
    alarms: [...new Set(Alarms.safeParse(parsed(get("alarms"))).data?.alarms.map(({ alarm }) => alarm))],
    database: Status.safeParse(parsed(get("status"))).data?.dbSize ?? 0,
    quota: Number(get("quota") ?? 0),
    hashes: new Set(all("hash").map((line) => line.split(", ")[1])).size,
  };
}

/** Formats bytes in MB. */
export const megabytes = (bytes: number): string => `${Math.floor(bytes / 1e6)} MB`;

/** Returns the problems that keep a member from writing. */
export function roomProblems({
  folder,
  free,
  gone,
  complaint,
  alarms,
  database,
  quota,
  hashes,
}: EtcdRoom): RoomProblem[] {
  const problems: RoomProblem[] = [];
  if (free !== undefined && free < LEAST_FREE) {
    problems.push({
      title: `${megabytes(free)} free in ${folder}, and etcd needs ${megabytes(LEAST_FREE)}`,
      cure: "free",
    });
  }
  if (gone) {
    problems.push({
      title: `there is no data in ${folder}: its disk is not mounted, or it was deleted`,
      cure: "replace",
    });
  } else if (complaint !== "") {
    const title = `etcd does not work with the data in ${folder}, which is lost, corrupt or of another cluster (${complaint})`;
    problems.push({ title, cure: "replace" });
  }
  if (alarms.includes("CORRUPT") || hashes > 1) {
    const why = hashes > 1 ? "its members hold different v3 keys" : "a member found its data corrupt";
    problems.push({ title: alarms.includes("CORRUPT") ? `alarm CORRUPT: ${why}` : why, cure: "restore" });
  }
  const used = `the database has ${megabytes(database)} of its quota of ${megabytes(quota)}`;
  if (alarms.includes("NOSPACE")) {
    problems.push({ title: `alarm NOSPACE: ${used}, and the v3 API refuses writes`, cure: "compact" });
  } else if (quota > 0 && database > MOST_USED * quota) {
    problems.push({ title: used, cure: "compact" });
  }
  return problems;
}
