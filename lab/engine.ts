import * as z from "zod";

/** What the engine tells of a container, as far as this project needs it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  /** Whether it is stopped in the midst of running (docker pause). */
  readonly paused: boolean;
  /** Of its first process, on the engine's machine; 0 when it does not run. */
  readonly pid: number;
  /** File of the engine's that is its network namespace; there on the engine's machine alone. */
  readonly namespaceFile: string;
  /** `healthy`, `starting`, `unhealthy`, or `-` for a container without a health check. */
  readonly health: string;
  /** Addresses, by network; empty where it has none. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What the host publishes for it, as `ADDRESS:PORT->PORT/tcp`. */
  readonly published: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether a container runs, and how healthy it is where it has a health check, in a word. */
export const statusOf = ({ running, health }: Container): string =>
  running ? health.replace("-", "running") : "stopped";

/** What the engine tells of a network. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly subnets: readonly string[];
  /** Address of its bridge; undefined for a network without one. */
  readonly gateway: string | undefined;
  /** Name of the host's interface that is its bridge, where the driver is `bridge`. */
  readonly bridge: string;
  readonly labels: Readonly<Record<string, string>>;
}

const Inspected = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    State: z.object({
      Running: z.boolean(),
      Paused: z.boolean(),
      Pid: z.int(),
      Health: z.object({ Status: z.string() }).optional(),
    }),
    Config: z.object({ Labels: z.record(z.string(), z.string()).nullable() }),
    NetworkSettings: z.object({
      SandboxKey: z.string(),
      Networks: z.record(z.string(), z.object({ IPAddress: z.string() })),
      Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()).nullish(),
    }),
  }),
);

const InspectedNetworks = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    Driver: z.string(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string(), Gateway: z.string().optional() })).nullable() }),
    Options: z.record(z.string(), z.string()).nullable(),
    Labels: z.record(z.string(), z.string()).nullable(),
  }),
);

/** Reads the output of `docker container inspect`. */
export const readContainers = (json: string): Container[] =>
  Inspected.parse(JSON.parse(json)).map(({ Id, Name, State, Config, NetworkSettings }) => ({
    id: Id,
    name: Name.replace(/^\//, ""),
    running: State.Running,
    paused: State.Paused,
    pid: State.Pid,
    namespaceFile: NetworkSettings.SandboxKey,
    health: State.Health?.Status ?? "-",
    addresses: Object.fromEntries(
      Object.entries(NetworkSettings.Networks).map(([network, { IPAddress }]) => [network, IPAddress]),
    ),
    published: Object.entries(NetworkSettings.Ports ?? {})
      .flatMap(([port, bound]) => (bound ?? []).map((b) => `${b.HostIp}:${b.HostPort}->${port}`))
      .sort(),
    labels: Config.Labels ?? {},
  }));

/** Reads the output of `docker network inspect`. */
export const readNetworks = (json: string): Network[] =>
  InspectedNetworks.parse(JSON.parse(json)).map(({ Id, Name, Driver, IPAM, Options, Labels }) => ({
    id: Id,
    name: Name,
    driver: Driver,
    subnets: (IPAM.Config ?? []).map(({ Subnet }) => Subnet),
    gateway: (IPAM.Config ?? []).find(({ Gateway }) => Gateway !== undefined)?.Gateway,
    bridge: Options?.["com.docker.network.bridge.name"] ?? `br-${Id.slice(0, 12)}`,
    labels: Labels ?? {},
  }));

/** Whether it carries all of these labels. */
export const carries = (object: Container | Network, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([key, value]) => object.labels[key] === value);

/** Those that carry all of these labels, by name. */
export const labelled = <T extends Container | Network>(
  objects: ReadonlyMap<string, T>,
  labels: Readonly<Record<string, string>>,
): T[] => [...objects.values()].filter((object) => carries(object, labels)).sort((a, b) => (a.name < b.name ? -1 : 1));
