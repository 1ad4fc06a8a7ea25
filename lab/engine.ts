import { attempt, run } from "../toolchain/run.ts";

/** How long one look at the engine may take. */
const TIMEOUT_MS = 10_000;

/** What the engine tells of a container, as far as the checks need it. */
export interface Container {
  readonly name: string;
  readonly running: boolean;
  /** `healthy`, `starting`, `unhealthy`, or `-` for a container without a health check. */
  readonly health: string;
  /** Addresses, by network. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What the host publishes for it, as `ADDRESS:PORT->PORT/tcp`. */
  readonly published: readonly string[];
}

interface Inspected {
  readonly Name: string;
  readonly State: { readonly Running: boolean; readonly Health?: { readonly Status: string } };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
    readonly Ports: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>>;
  };
}

/** The containers of these names or ids that exist. */
export async function inspect(names: readonly string[]): Promise<Container[]> {
  const found = await Promise.all(
    names.map((name) => attempt("docker", ["container", "inspect", name], { timeoutMs: TIMEOUT_MS })),
  );
  return found.flatMap((text) => (text === undefined ? [] : (JSON.parse(text) as Inspected[]))).map(toContainer);
}

function toContainer({ Name, State, NetworkSettings }: Inspected): Container {
  const ports = Object.entries(NetworkSettings.Ports ?? {});
  return {
    name: Name.replace(/^\//, ""),
    running: State.Running,
    health: State.Health?.Status ?? "-",
    addresses: Object.fromEntries(
      Object.entries(NetworkSettings.Networks).map(([net, { IPAddress }]) => [net, IPAddress]),
    ),
    published: ports.flatMap(([port, bound]) => (bound ?? []).map((b) => `${b.HostIp}:${b.HostPort}->${port}`)).sort(),
  };
}

/** The containers that carry these labels, running or not, by name. */
export async function labelled(labels: Readonly<Record<string, string>>): Promise<Container[]> {
  const filters = Object.entries(labels).flatMap(([key, value]) => ["--filter", `label=${key}=${value}`]);
  const ids = await run("docker", ["ps", "--all", "--quiet", "--no-trunc", ...filters], { timeoutMs: TIMEOUT_MS });
  const containers = await inspect(ids.split("\n").filter((id) => id !== ""));
  return containers.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Runs a command inside a container; gives its output, or undefined when it fails. */
export const execIn = (container: string, command: readonly string[]): Promise<string | undefined> =>
  attempt("docker", ["exec", container, ...command], { timeoutMs: TIMEOUT_MS });

/** Whether the engine answers at all. */
export const engineAnswers = async (): Promise<boolean> =>
  (await attempt("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: TIMEOUT_MS })) !== undefined;
