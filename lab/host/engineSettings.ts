import * as z from "zod";
import { type FactScript, type Facts, readFacts, shellScript } from "./facts.ts";
import { type Network, readNetworks } from "./networks.ts";
import { parsed } from "./readJson.ts";
import type { HostSession } from "./session.ts";

/** Script that inspects how an engine was started; {@link readEngineSettings} reads its output. */
export const SETTINGS_FACTS: FactScript = { script: new URL("engineSettings.sh", import.meta.url), call: "settings" };

/** How an engine was started. */
export interface EngineSettings {
  /** Path and content of its settings file; the content is empty if the file cannot be read. */
  readonly file: string;
  readonly daemon: Readonly<Record<string, unknown>>;
  /** Its command line; undefined if it cannot be read. */
  readonly command: readonly string[] | undefined;
  readonly pid: number | undefined;
  /** Threads in a deleted network namespace; what runs on them reaches neither the store nor other engines. */
  readonly strayThreads: number;
  /** Addresses of the engines that it has met over the gossip of a cluster store, its own included; empty if unknown. */
  readonly met: readonly string[];
  /** Whether systemd runs it, as unit `docker`. */
  readonly isUnit: boolean;
  /** Its networks of driver `bridge`; undefined if it does not list them. */
  readonly networks: readonly Network[] | undefined;
}

const Daemon = z.record(z.string(), z.unknown());

/** Reads the output of engineSettings.sh. */
export function readEngineSettings(facts: Facts): EngineSettings {
  const [pid, ...command] = facts.get("dockerd")?.trim().split(" ") ?? [];
  const networks = facts.get("networks");
  return {
    file: facts.get("daemon.file") ?? "/etc/docker/daemon.json",
    daemon: readDaemon(facts.get("daemon")),
    command: pid === undefined ? undefined : command,
    pid: pid === undefined ? undefined : Number(pid),
    strayThreads: Number(facts.get("dockerd.strays") ?? 0),
    met: facts.get("dockerd.met")?.split(" ").filter(Boolean) ?? [],
    isUnit: facts.get("dockerd.unit") !== undefined,
    networks: networks === undefined ? undefined : readNetworks(networks),
  };
}

const readDaemon = (text: string | undefined): z.infer<typeof Daemon> => Daemon.catch({}).parse(parsed(text));

/** Returns how the engine of a host was started; undefined if the host cannot be inspected. */
export async function engineSettingsOf(session: HostSession): Promise<EngineSettings | undefined> {
  const printed = await session.read(["sh", "-c", shellScript([SETTINGS_FACTS])]);
  return printed === undefined ? undefined : readEngineSettings(readFacts(printed));
}

/** How the engines of hosts were started, by the names of the hosts; without those that cannot be inspected. */
export async function enginesOf(
  hosts: readonly { readonly name: string; readonly session: HostSession }[],
): Promise<ReadonlyMap<string, EngineSettings>> {
  const found = await Promise.all(
    hosts.map(async ({ name, session }) => [name, await engineSettingsOf(session)] as const),
  );
  return new Map(found.filter((each): each is readonly [string, EngineSettings] => each[1] !== undefined));
}

/** Returns a setting from the command line or the file: an engine that has it in both does not start. */
export function settingOf({ daemon, command = [] }: EngineSettings, name: string): string | undefined {
  const index = command.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const word = command[index];
  if (word?.includes("=")) return word.slice(word.indexOf("=") + 1);
  const next = command[index + 1];
  if (word !== undefined) return next === undefined || next.startsWith("-") ? "true" : next;
  const value = daemon[name];
  return value === undefined ? undefined : String(value);
}

/** Whether containers keep running while their engine restarts. */
export const isLive = (settings: EngineSettings): boolean => settingOf(settings, "live-restore") === "true";

/** Describes the stray threads of an engine. */
const straysInWords = (host: string, { strayThreads }: EngineSettings): string =>
  `the engine of ${host} has ${strayThreads === 1 ? "a thread" : `${strayThreads} threads`} in a network namespace that is gone, ` +
  "and at times reaches neither etcd nor the other engines; engines before 23.0 get there when the last container of " +
  "an overlay network on their host stops";

/** The address that an engine tells the others in its cluster store. */
const advertisedBy = (settings: EngineSettings): string | undefined =>
  settingOf(settings, "cluster-advertise")?.split(":")[0];

/**
 * The hosts whose engines are in another group than the first one with a cluster store. Such groups tell each other nothing, so
 * containers of an overlay network in one do not reach those in the other.
 */
export function apartFrom(engines: ReadonlyMap<string, EngineSettings>): string[] {
  const [first, ...others] = [...engines].filter(([, { met }]) => met.length > 0);
  if (!first) return [];
  const own = advertisedBy(first[1]);
  return others
    .filter(([, { met }]) => own !== undefined && !met.includes(own))
    .filter(([, settings]) => !first[1].met.includes(advertisedBy(settings) ?? ""))
    .map(([host]) => host);
}

/** Describes the engine of a host in another group. */
const apartInWords = (host: string): string =>
  `the engine of ${host} has not met all others of its cluster store, so its containers on overlay networks do not reach theirs; ` +
  "it joins one of them when it starts";

/**
 * What keeps engines that answer from reaching each other, in words, by their hosts: threads that reach nothing, which are there
 * without any harm, too, and groups that have not met.
 */
export function hindrances(engines: ReadonlyMap<string, EngineSettings>): ReadonlyMap<string, readonly string[]> {
  const apart = apartFrom(engines);
  return new Map(
    [...engines].map(([host, settings]) => [
      host,
      [
        ...(settings.strayThreads > 0 ? [straysInWords(host, settings)] : []),
        ...(apart.includes(host) ? [apartInWords(host)] : []),
      ],
    ]),
  );
}

/** Describes how to restart an engine, and what happens to its containers. */
export function restartOf(settings: EngineSettings | undefined): string {
  const { isUnit = false, pid, command } = settings ?? {};
  const again =
    isUnit || pid === undefined || command === undefined
      ? "systemctl restart docker"
      : `kill ${pid}, wait until it has ended, then start it was: ${command.join(" ")}`;
  return settings && isLive(settings)
    ? `${again} (running containers go on: live-restore is on)`
    : `${again} (it stops all containers, other people's, too; those with a restart policy start again)`;
}
