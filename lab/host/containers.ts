import * as z from "zod";
import { readJson } from "./readJson.ts";

/** What the engine tells of a container, as far as this project needs it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  /** Whether it is stopped in the midst of running (docker pause). */
  readonly paused: boolean;
  /** Of its first process, on the engine's host; 0 when it does not run. */
  readonly pid: number;
  /** File of the engine's that is its network namespace; there on the engine's host alone. */
  readonly namespaceFile: string;
  /** `healthy`, `starting`, `unhealthy`, or `-` for a container without a health check. */
  readonly health: string;
  /** Addresses, by network; empty where it has none. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What the host publishes for it, as `ADDRESS:PORT->PORT/tcp`. */
  readonly published: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly details: Details;
}

/** What only an explanation needs to know of a container. */
export interface Details {
  readonly exitCode: number;
  /** Why it could not be started; empty when it could. */
  readonly error: string;
  /** What its last health check printed. */
  readonly health: string;
  readonly hostname: string;
  /** `host`, `none`, or the network that it was made on. */
  readonly networkMode: string;
  /** Legacy links: by alias the name of the container. */
  readonly links: ReadonlyMap<string, string>;
  /** Entries that it was made with (docker-run(1), --add-host), as `name:address`. */
  readonly extraHosts: readonly string[];
  readonly env: readonly string[];
  /** By network the names that its name server gives for it, beside the container's own. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
}

const Networks = z.record(z.string(), z.object({ IPAddress: z.string(), Aliases: z.array(z.string()).nullish() }));
const Inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  State: z.object({
    Running: z.boolean(),
    Paused: z.boolean(),
    Pid: z.int(),
    ExitCode: z.int(),
    Error: z.string().optional(),
    Health: z.object({ Status: z.string(), Log: z.array(z.object({ Output: z.string() })).nullish() }).optional(),
  }),
  Config: z.object({
    Hostname: z.string(),
    Env: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullable(),
  }),
  HostConfig: z.object({
    NetworkMode: z.string(),
    Links: z.array(z.string()).nullish(),
    ExtraHosts: z.array(z.string()).nullish(),
  }),
  NetworkSettings: z.object({
    SandboxKey: z.string(),
    Networks,
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()).nullish(),
  }),
});
type Inspected = z.infer<typeof Inspected>;

/** Reads the output of `docker container inspect`. */
export const readContainers = (json: string): Container[] =>
  readJson(z.array(Inspected), json, "docker container inspect").map((inspected) => {
    const { Id, Name, State, Config, NetworkSettings } = inspected;
    return {
      id: Id,
      name: Name.replace(/^\//, ""),
      running: State.Running,
      paused: State.Paused,
      pid: State.Pid,
      namespaceFile: NetworkSettings.SandboxKey,
      health: State.Health?.Status ?? "-",
      addresses: byNetwork(inspected, ({ IPAddress }) => IPAddress),
      published: Object.entries(NetworkSettings.Ports ?? {})
        .flatMap(([port, bound]) => (bound ?? []).map((b) => `${b.HostIp}:${b.HostPort}->${port}`))
        .sort(),
      labels: Config.Labels ?? {},
      details: detailsOf(inspected),
    };
  });

function detailsOf(inspected: Inspected): Details {
  const { State, Config, HostConfig } = inspected;
  // A link is written as /TARGET:/NAME/ALIAS.
  const links = (HostConfig.Links ?? []).map((link) => /^\/?(.+?):.*\/(.+)$/.exec(link) ?? []);
  return {
    exitCode: State.ExitCode,
    error: State.Error ?? "",
    health: State.Health?.Log?.at(-1)?.Output.trim() ?? "",
    hostname: Config.Hostname,
    networkMode: HostConfig.NetworkMode,
    links: new Map(links.map(([, target = "", alias = ""]) => [alias, target])),
    extraHosts: HostConfig.ExtraHosts ?? [],
    env: Config.Env ?? [],
    aliases: byNetwork(inspected, ({ Aliases }) => Aliases ?? []),
  };
}

const byNetwork = <T>(
  { NetworkSettings }: Inspected,
  read: (endpoint: z.infer<typeof Networks>[string]) => T,
): Record<string, T> =>
  Object.fromEntries(Object.entries(NetworkSettings.Networks).map(([network, endpoint]) => [network, read(endpoint)]));

/** Label that the engine gives to the container of a task: the name of its service. */
export const SERVICE_LABEL = "com.docker.swarm.service.name";

/**
 * Containers by name. That of a service's task, whose own name is random, goes by the name of the service; if an
 * engine has several of them, one that runs does.
 */
export function containersByName(containers: readonly Container[]): ReadonlyMap<string, Container> {
  const found = new Map<string, Container>();
  for (const container of containers.toSorted((a, b) => Number(b.running) - Number(a.running))) {
    const service = container.labels[SERVICE_LABEL];
    found.set(service === undefined || found.has(service) ? container.name : service, container);
  }
  return found;
}

/** Whether a container runs, and how healthy it is where it has a health check, in a word. */
export const statusOf = ({ running, health }: Pick<Container, "running" | "health">): string =>
  running ? health.replace("-", "running") : "stopped";
