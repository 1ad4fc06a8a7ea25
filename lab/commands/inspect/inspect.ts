import { table } from "../../cli/table.ts";
import { statusOf } from "../../host/containers.ts";
import { hostSessions } from "../../host/sessions.ts";
import { identityOf } from "../../state/environments.ts";
import type { Outputs } from "../../state/outputs.ts";
import { type Inspected, inspectHost, type Named } from "./look.ts";

export type { Inspected } from "./look.ts";

/** Inspects all objects that carry an environment's marks, on all of its hosts. */
export async function inspect(environment: string, { hosts, topology }: Outputs): Promise<Inspected[]> {
  const sessions = hostSessions(hosts);
  const all = [
    { name: "this host", on: undefined, address: "-", session: sessions(undefined) },
    ...Object.entries(hosts).map(([name, { address }]) => ({ name, on: name, address, session: sessions(name) })),
  ];
  const whole = { ...identityOf(environment), topology };
  return Promise.all(all.map((host) => inspectHost(host, whole)));
}

/** Exit code: 0 as the state says, 1 not as the state says, 2 a host could not be inspected. */
export function inspectCode(found: readonly Pick<Inspected, "seen" | "missing" | "unexpected">[]): 0 | 1 | 2 {
  if (found.some(({ seen }) => !seen)) return 2;
  return found.some(({ missing, unexpected }) => missing.length > 0 || unexpected.length > 0) ? 1 : 0;
}

type Rows = readonly (readonly string[])[];

/** Rows for the missing objects of a kind on a host. */
const missingRows = ({ host, missing }: Inspected, kind: string, columns: number): string[][] =>
  missing
    .filter((each) => each.kind === kind)
    .map(({ name }) => [name, host, "missing", ...Array.from({ length: columns - 3 }, () => "-")]);

/** Suffix of an unexpected object's state. */
const mark = (unexpected: readonly Named[], kind: string, name: string): string =>
  unexpected.some((each) => each.kind === kind && each.name === name) ? ", unexpected" : "";

/** Rows for the containers, below a header. */
const containerRows = (found: readonly Inspected[]): Rows => [
  ["CONTAINER", "HOST", "STATE", "ADDRESS", "PUBLISHED"],
  ...found.flatMap((each) => [
    ...each.containers.map((container) => [
      container.name,
      each.host,
      statusOf(container) + mark(each.unexpected, "container", container.name),
      Object.entries(container.addresses)
        .map(([network, address]) => `${address || "none"} (${network})`)
        .join(", "),
      container.published.join(", ") || "-",
    ]),
    ...missingRows(each, "container", 5),
  ]),
];

const hostRows = (found: readonly Inspected[]): Rows => [
  ["HOST", "ADDRESS", "ENGINE", "CLUSTER STORE", "ETCD MEMBER"],
  ...found.map(({ host, address, engine, store, member, missing }) => [
    host,
    address,
    engine,
    store || "-",
    member
      ? `${member.name}, ${member.role}, ${member.healthy ? "healthy" : "without a quorum"}`
      : missing.some(({ kind }) => kind === "member")
        ? "missing"
        : "-",
  ]),
];

const machineRows = (found: readonly Inspected[]): Rows => [
  ["VIRTUAL MACHINE", "HOST", "STATE", "REASON"],
  ...found.flatMap(({ machines }) => machines.map(({ name, host, state, what }) => [name, host, state, what || "-"])),
];

const networkRows = (found: readonly Inspected[]): Rows => [
  ["NETWORK", "HOST", "DRIVER", "SUBNET", "GATEWAY", "BRIDGE", "CONTAINERS", "ID"],
  ...found.flatMap((each) => [
    ...each.networks.map(({ name, driver, subnets, gateway, bridge, count, id }) => [
      name,
      each.host,
      driver + mark(each.unexpected, "network", name),
      subnets.join(", "),
      gateway ?? "-",
      driver === "bridge" ? bridge : "-",
      String(count),
      id.slice(0, 12),
    ]),
    ...missingRows(each, "network", 8),
  ]),
];

const namespaceRows = (found: readonly Inspected[]): Rows => [
  ["NAMESPACE", "HOST", "INTERFACE", "STATE", "ADDRESS"],
  ...found.flatMap((each) => [
    ...each.namespaces.flatMap(({ name, interfaces }) =>
      interfaces.length === 0
        ? [[name, each.host, "only root may look", "-", "-"]]
        : interfaces.map((one) => [
            name,
            each.host,
            one.name,
            one.state + mark(each.unexpected, "namespace", name),
            one.addresses.join(", ") || "-",
          ]),
    ),
    ...missingRows(each, "namespace", 5),
  ]),
];

const volumeRows = (found: readonly Inspected[]): Rows => [
  ["VOLUME", "HOST"],
  ...found.flatMap(({ host, volumes }) => volumes.map((name) => [name, host])),
];

const overlayRows = (found: readonly Inspected[]): Rows => [
  ["OVERLAY", "HOST", "VXLAN NETWORK", "ENTRY", "LEADS TO"],
  ...found.flatMap(({ host, networks }) =>
    networks.flatMap(({ name, overlay }) => {
      const row = (entry: string, to: string) => [name, host, `${overlay?.vni}, MTU ${overlay?.mtu}`, entry, to];
      return [
        ...(overlay?.neighbours ?? []).map(({ address, mac }) => row(`neighbour ${address}`, mac)),
        ...(overlay?.fdb ?? []).map((entry) => row(`forwarding ${entry.mac}`, `host ${entry.host}`)),
      ];
    }),
  ),
];

const keyRows = (found: readonly Inspected[]): Rows => {
  const [first] = found.filter(({ keys }) => keys.length > 0);
  return [["KEY IN ETCD", "WHAT IT IS"], ...(first?.keys ?? []).map(({ key, meaning }) => [shortened(key), meaning])];
};

/** Shortens the ids in a key, as `docker network ls` does. */
const shortened = (key: string): string => key.replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12));

/** The containers as a table; empty if there are none. */
export const containerTable = (found: readonly Inspected[]): string => tables([containerRows(found)]);

/** Formats everything as tables for people. */
export const inspectTables = (found: readonly Inspected[]): string =>
  tables(
    [hostRows, machineRows, networkRows, containerRows, namespaceRows, volumeRows, overlayRows, keyRows].map((rows) =>
      rows(found),
    ),
  );

/** Leaves out tables without rows. */
const tables = (all: readonly Rows[]): string =>
  all
    .filter((rows) => rows.length > 1)
    .map(table)
    .join("\n\n");
