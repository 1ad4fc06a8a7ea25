import * as z from "zod";
import { type Container, labelled, type Network } from "../engine.ts";
import { Impossible, type Machine, machines } from "../machine.ts";
import type { Outputs } from "../outputs.ts";
import { type OverlayFacts, overlayFacts, storeKeys } from "../overlayFacts.ts";
import { table } from "../table.ts";

/** One machine of an environment, and what there is of the environment on it. */
export interface Inspected {
  readonly machine: string;
  readonly address: string;
  /** Version of its engine, or why nothing is known of it. */
  readonly engine: string;
  /** The engine's cluster store; empty without one. */
  readonly store: string;
  /** Its member of the etcd cluster; undefined where none answers. */
  readonly member: { readonly name: string; readonly role: string } | undefined;
  readonly networks: readonly (Network & { readonly overlay?: OverlayFacts })[];
  readonly containers: readonly Container[];
  readonly keys: readonly { readonly key: string; readonly meaning: string }[];
}

const HERE = "this machine";

/** Looks at everything that carries an environment's labels, on this machine and on its hosts. */
export async function inspect(environment: string, { hosts }: Outputs): Promise<Inspected[]> {
  const all = machines(hosts);
  const labels = { "dockernet.stack": environment };
  const places = [
    { name: HERE, address: "-", machine: all(undefined) },
    ...Object.entries(hosts).map(([name, { address }]) => ({ name, address, machine: all(name) })),
  ];
  return Promise.all(places.map(({ name, address, machine }) => look(name, address, machine, labels)));
}

async function look(
  name: string,
  address: string,
  machine: Machine,
  labels: Record<string, string>,
): Promise<Inspected> {
  const known = { machine: name, address };
  try {
    const containers = labelled(await machine.containers(), labels);
    const networks = labelled(await machine.networks(), labels);
    const engine = (await machine.attempt(["docker", "version", "--format", "{{.Server.Version}}"])) ?? "no answer";
    // A docker command that knows of no cluster stores fails.
    const store = (await machine.attempt(["docker", "info", "--format", "{{.ClusterStore}}"])) ?? "";
    const detailed = networks.map(async (network) => {
      const overlay = network.driver === "overlay" ? await overlayFacts(machine, network.id) : undefined;
      return overlay ? { ...network, overlay } : network;
    });
    const [member, keys] = name === HERE ? [undefined, []] : [await memberOf(machine), await storeKeys(machine)];
    return { ...known, engine, store, member, networks: await Promise.all(detailed), containers, keys };
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    return { ...known, engine: error.message, store: "", member: undefined, networks: [], containers: [], keys: [] };
  }
}

const Self = z.object({ name: z.string(), state: z.string() });

/** The member of etcd's cluster on a machine; undefined where none answers. */
export async function memberOf(machine: Machine): Promise<Inspected["member"]> {
  const answer = await machine.attempt(["curl", "-fsS", "-m", "3", "http://127.0.0.1:2379/v2/stats/self"]);
  if (answer === undefined) return undefined;
  const { name, state } = Self.parse(JSON.parse(answer));
  return { name, role: state.replace(/^State/, "").toLowerCase() };
}

/** The containers, a row each, below a head. */
const containerRows = (found: readonly Inspected[]): string[][] => [
  ["CONTAINER", "MACHINE", "STATE", "ADDRESS", "PUBLISHED"],
  ...found.flatMap(({ machine, containers }) =>
    containers.map(({ name, running, health, addresses, published }) => [
      name,
      machine,
      running ? health.replace("-", "running") : "stopped",
      Object.entries(addresses)
        .map(([network, address]) => `${address || "none"} (${network})`)
        .join(", "),
      published.join(", ") || "-",
    ]),
  ),
];

/** The containers as a table; empty without any. */
export const containerTable = (found: readonly Inspected[]): string =>
  found.some(({ containers }) => containers.length > 0) ? table(containerRows(found)) : "";

/** It as tables for people. */
export function inspectTables(found: readonly Inspected[]): string {
  const overlays = found.flatMap(({ machine, networks }) =>
    networks.flatMap(({ name, overlay }) => (overlay ? [{ machine, name, ...overlay }] : [])),
  );
  const [first] = found.filter(({ keys }) => keys.length > 0);
  const sections: readonly (readonly (readonly string[])[])[] = [
    [
      ["MACHINE", "ADDRESS", "ENGINE", "CLUSTER STORE", "ETCD MEMBER"],
      ...found.map(({ machine, address, engine, store, member }) => [
        machine,
        address,
        engine,
        store || "-",
        member ? `${member.name}, ${member.role}` : "-",
      ]),
    ],
    [
      ["NETWORK", "MACHINE", "DRIVER", "SUBNET", "ID"],
      ...found.flatMap(({ machine, networks }) =>
        networks.map(({ name, driver, subnets, id }) => [name, machine, driver, subnets.join(", "), id.slice(0, 12)]),
      ),
    ],
    containerRows(found),
    [
      ["OVERLAY", "MACHINE", "VXLAN NETWORK", "ENTRY", "LEADS TO"],
      ...overlays.flatMap(({ name, machine, vni, mtu, fdb, neighbours }) => [
        ...neighbours.map(({ address, mac }) => [name, machine, `${vni}, MTU ${mtu}`, `neighbour ${address}`, mac]),
        ...fdb.map((entry) => [
          name,
          machine,
          `${vni}, MTU ${mtu}`,
          `forwarding ${entry.mac}`,
          `machine ${entry.machine}`,
        ]),
      ]),
    ],
    [["KEY IN ETCD", "WHAT IT IS"], ...(first?.keys ?? []).map(({ key, meaning }) => [shortened(key), meaning])],
  ];
  return sections
    .filter((rows) => rows.length > 1)
    .map(table)
    .join("\n\n");
}

/** A key with its ids as `docker network ls` shows them. */
const shortened = (key: string): string => key.replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12));
