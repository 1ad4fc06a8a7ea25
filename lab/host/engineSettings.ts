import * as z from "zod";
import { type FactScript, type Facts, readFacts, shellScript } from "./facts.ts";
import { type Network, readNetworks } from "./networks.ts";
import { parsed } from "./readJson.ts";
import type { HostSession } from "./session.ts";

/** The look at how an engine was started among the looks at a host; {@link readEngineSettings} reads what it prints. */
export const SETTINGS_FACTS: FactScript = { script: new URL("engineSettings.sh", import.meta.url), call: "settings" };

/** How an engine was started, as far as it can be seen. */
export interface EngineSettings {
  /** Its settings file, and what is in it; nothing where it cannot be read. */
  readonly file: string;
  readonly daemon: Readonly<Record<string, unknown>>;
  /** Its command line; undefined where it cannot be seen. */
  readonly command: readonly string[] | undefined;
  readonly pid: number | undefined;
  /** Threads in a network namespace that is gone; what runs on them reaches neither the store nor other engines. */
  readonly strayThreads: number;
  /** Whether systemd runs it, as the unit docker. */
  readonly isUnit: boolean;
  /** Its networks of driver `bridge`; undefined where it does not tell. */
  readonly networks: readonly Network[] | undefined;
}

const Daemon = z.record(z.string(), z.unknown());

/** How an engine was started, by what engineSettings.sh has printed. */
export function readEngineSettings(facts: Facts): EngineSettings {
  const [pid, ...command] = facts.get("dockerd")?.trim().split(" ") ?? [];
  const networks = facts.get("networks");
  return {
    file: facts.get("daemon.file") ?? "/etc/docker/daemon.json",
    daemon: readDaemon(facts.get("daemon")),
    command: pid === undefined ? undefined : command,
    pid: pid === undefined ? undefined : Number(pid),
    strayThreads: Number(facts.get("dockerd.strays") ?? 0),
    isUnit: facts.get("dockerd.unit") !== undefined,
    networks: networks === undefined ? undefined : readNetworks(networks),
  };
}

const readDaemon = (text: string | undefined): z.infer<typeof Daemon> => Daemon.catch({}).parse(parsed(text));

/** How the engine of a host was started; undefined where nothing can be seen. */
export async function engineSettingsOf(session: HostSession): Promise<EngineSettings | undefined> {
  const printed = await session.read(["sh", "-c", shellScript([SETTINGS_FACTS])]);
  return printed === undefined ? undefined : readEngineSettings(readFacts(printed));
}

/** The value of a setting, on the command line or in the file: an engine that has it in both does not start. */
export function settingOf({ daemon, command = [] }: EngineSettings, name: string): string | undefined {
  const index = command.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const word = command[index];
  if (word?.includes("=")) return word.slice(word.indexOf("=") + 1);
  const next = command[index + 1];
  if (word !== undefined) return next === undefined || next.startsWith("-") ? "true" : next;
  const value = daemon[name];
  return value === undefined ? undefined : String(value);
}

/** Whether containers go on while their engine is restarted. */
export const isLive = (settings: EngineSettings): boolean => settingOf(settings, "live-restore") === "true";

/** What an engine with stray threads has, in words. */
export const straysInWords = (host: string, { strayThreads }: EngineSettings): string =>
  `the engine of ${host} has ${strayThreads === 1 ? "a thread" : `${strayThreads} threads`} in a network namespace that is gone, ` +
  "and at times reaches neither etcd nor the other engines; engines before 23.0 get there when the last container of " +
  "an overlay network on their host stops";

/** How to restart an engine, and what becomes of its containers. */
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
