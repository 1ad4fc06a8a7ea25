import * as z from "zod";
import { ENGINE_FACTS, type Facts, readFacts, shellScript } from "./facts.ts";
import { parsed } from "./readJson.ts";
import type { HostSession } from "./session.ts";

const Info = z.object({
  ServerVersion: z.string().default(""),
  ServerErrors: z.array(z.string()).default([]),
  OSType: z.string().default(""),
  OperatingSystem: z.string().default(""),
  /** Its storage driver, and what that tells of itself, in rows. */
  Driver: z.string().default(""),
  DriverStatus: z.array(z.array(z.string())).nullish(),
  /** Empty also where the docker command is too new to know of it. */
  ClusterStore: z.string().default(""),
  Swarm: z.object({ LocalNodeState: z.string().default("") }).nullish(),
  SecurityOptions: z.array(z.string()).nullish(),
  FirewallBackend: z.object({ Driver: z.string() }).nullish(),
});
/** What `docker info` tells of an engine. */
export type EngineInfo = z.infer<typeof Info>;

const read = (facts: Facts): EngineInfo | undefined => Info.safeParse(parsed(facts.get("engine"))).data;

/** It, in what facts.sh has printed; undefined where no engine answers. */
export function engineInfo(facts: Facts): EngineInfo | undefined {
  const info = read(facts);
  return info && info.ServerVersion !== "" && info.ServerErrors.length === 0 ? info : undefined;
}

/** Why an engine does not answer, as far as `docker info` says it. */
export const engineErrors = (facts: Facts): readonly string[] => read(facts)?.ServerErrors ?? [];

/** The APIs that an engine speaks, as `1.41`; undefined where it does not tell. */
export function engineApi(facts: Facts): { readonly newest: string; readonly oldest: string } | undefined {
  const [newest, oldest] = facts.get("engine.speaks")?.split(" ") ?? [];
  return newest === undefined || oldest === undefined ? undefined : { newest, oldest };
}

/** What facts.sh prints of the engine of a host; undefined where nothing can be seen. */
export async function engineFacts(session: HostSession): Promise<Facts | undefined> {
  const printed = await session.read(["sh", "-c", shellScript([ENGINE_FACTS])]);
  return printed === undefined ? undefined : readFacts(printed);
}

/** What an engine is in its swarm, in a word; undefined where it is in none. */
export async function swarmRole(session: HostSession): Promise<"manager" | "worker" | undefined> {
  const printed = await session.read([
    "docker",
    "info",
    "--format",
    "{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}",
  ]);
  if (!printed?.startsWith("active ")) return undefined;
  return printed.endsWith(" true") ? "manager" : "worker";
}

/** Version of the engine of a host; undefined where it does not answer. */
export const engineVersion = (session: HostSession): Promise<string | undefined> =>
  session.read(["docker", "version", "--format", "{{.Server.Version}}"]);

/** The cluster store of an engine, and the address by which other engines find it; empty without one. */
export interface ClusterStore {
  readonly url: string;
  readonly advertise: string;
}

/** It; undefined where no engine answers, and of a docker command that knows of no cluster stores. */
export async function clusterStore(session: HostSession): Promise<ClusterStore | undefined> {
  const printed = await session.read(["docker", "info", "--format", "{{.ClusterStore}} {{.ClusterAdvertise}}"]);
  const [url = "", advertise = ""] = printed?.split(" ") ?? [];
  return printed === undefined ? undefined : { url, advertise };
}
