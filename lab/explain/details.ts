import * as z from "zod";
import { enteringProcess } from "../entering.ts";
import { type Interface, interfacesOf, parseInterfaces } from "../interfaces.ts";
import type { Machine } from "../machine.ts";

const Inspected = z.tuple([
  z.object({
    State: z.object({
      Pid: z.int(),
      ExitCode: z.int(),
      Error: z.string().optional(),
      Health: z.object({ Log: z.array(z.object({ Output: z.string() })).nullish() }).optional(),
    }),
    HostConfig: z.object({
      NetworkMode: z.string(),
      Links: z.array(z.string()).nullish(),
      ExtraHosts: z.array(z.string()).nullish(),
    }),
    Config: z.object({ Hostname: z.string(), Image: z.string(), Env: z.array(z.string()).nullish() }),
    NetworkSettings: z.object({
      Networks: z.record(z.string(), z.object({ Aliases: z.array(z.string()).nullish(), MacAddress: z.string() })),
    }),
  }),
]);

/** What only an explanation needs to know of a container. */
export interface Details {
  /** Process number of its program on its machine; 0 when it does not run. */
  readonly pid: number;
  readonly exitCode: number;
  /** Why it could not be started; empty when it could. */
  readonly error: string;
  /** What its last health check printed. */
  readonly health: string;
  readonly hostname: string;
  readonly image: string;
  /** `host`, `none`, or the network that it was made on. */
  readonly networkMode: string;
  /** Legacy links: by alias the name of the container. */
  readonly links: ReadonlyMap<string, string>;
  /** Entries that it was made with (docker-run(1), --add-host), as `name:address`. */
  readonly extraHosts: readonly string[];
  readonly env: readonly string[];
  /** By network the names that its name server gives for it, beside the container's own. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  readonly mac: Readonly<Record<string, string>>;
}

/** Asks the engine; undefined when it has no such container. */
export async function detailsOf(machine: Machine, name: string): Promise<Details | undefined> {
  const text = await machine.attempt(["docker", "container", "inspect", name]);
  if (text === undefined) return undefined;
  const [{ State, HostConfig, Config, NetworkSettings }] = Inspected.parse(JSON.parse(text));
  const networks = Object.entries(NetworkSettings.Networks);
  // A link is written as /TARGET:/NAME/ALIAS.
  const links = (HostConfig.Links ?? []).map((link) => /^\/?(.+?):.*\/(.+)$/.exec(link) ?? []);
  return {
    pid: State.Pid,
    exitCode: State.ExitCode,
    error: State.Error ?? "",
    health: State.Health?.Log?.at(-1)?.Output.trim() ?? "",
    hostname: Config.Hostname,
    image: Config.Image,
    networkMode: HostConfig.NetworkMode,
    links: new Map(links.map(([, target = "", alias = ""]) => [alias, target])),
    extraHosts: HostConfig.ExtraHosts ?? [],
    env: Config.Env ?? [],
    aliases: Object.fromEntries(networks.map(([network, { Aliases }]) => [network, Aliases ?? []])),
    mac: Object.fromEntries(networks.map(([network, { MacAddress }]) => [network, MacAddress])),
  };
}

/** The interfaces in a container: as root sees them, else as its own program `ip` does; undefined where neither can. */
export async function interfacesIn(machine: Machine, name: string, details: Details): Promise<Interface[] | undefined> {
  const seen = await interfacesOf(machine, enteringProcess(details.pid));
  if (seen.length > 0) return seen;
  const own = await machine.attempt(["docker", "exec", name, "ip", "-j", "address", "show"]);
  return own === undefined ? undefined : parseInterfaces(own);
}
