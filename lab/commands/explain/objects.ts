import { distance } from "fastest-levenshtein";
import { isAddress } from "../../../components/lib/cidr.ts";
import { parseNodeId } from "../../../components/lib/nodeId.ts";
import type { TopologyNode } from "../../../stacks/topology.ts";
import { LabError } from "../../cli/errors.ts";
import { type Context, containersOf, type EnvironmentHost, namesOf } from "../../faults/context.ts";
import { membersOf } from "../../faults/host.ts";
import type { Container } from "../../host/containers.ts";
import { namespacesOn } from "../../host/interfaces.ts";
import type { Network } from "../../host/networks.ts";
import { checksNamed } from "./kinds/check.ts";
import { allInterfaces } from "./kinds/interface.ts";

/** Kinds of objects that can be explained, in order of priority. */
const OBJECT_KINDS = [
  ...["address", "check", "host", "container", "network", "namespace", "port", "member"],
  "interface",
] as const;

/** An object that the user named, and its host. */
export type NamedObject =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "check"; readonly name: string }
  | { readonly kind: "host"; readonly host: EnvironmentHost }
  | { readonly kind: "container"; readonly host: EnvironmentHost; readonly container: Container }
  | { readonly kind: "missing"; readonly host: EnvironmentHost; readonly node: TopologyNode }
  | { readonly kind: "network"; readonly host: EnvironmentHost; readonly network: Network }
  | { readonly kind: "namespace"; readonly host: EnvironmentHost; readonly name: string }
  | { readonly kind: "port"; readonly port: number }
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "interface"; readonly name: string };

/**
 * Finds the object of `[KIND:]NAME[@HOST]`. Kinds are tried in the order of their list, and this host before the
 * others. Throws if there is no object of that name.
 */
export async function findObject(context: Context, text: string): Promise<NamedObject> {
  const [, kind, rest = ""] = /^(?:([a-z]+)[: ])?(.*)$/.exec(text) ?? [];
  const wanted = OBJECT_KINDS.find((each) => each === kind);
  const { name, on } = parseNodeId(`${wanted ?? ""}:${wanted ? rest : text}`);
  const hosts = context.hosts.filter((host) => on === undefined || host.on === on || host.name === on);
  for (const each of wanted ? [wanted] : OBJECT_KINDS) {
    const found = await FINDERS[each](context, hosts, name);
    if (found) return found;
  }
  for (const { name: where, session } of hosts) {
    await session.containers().catch((error) => {
      throw new LabError(`${name} could not be looked for on ${where}: ${error.message}`);
    });
  }
  throw new LabError(await unknown(context, name));
}

type Finder = (context: Context, hosts: readonly EnvironmentHost[], name: string) => Promise<NamedObject | undefined>;

const FINDERS: Readonly<Record<(typeof OBJECT_KINDS)[number], Finder>> = {
  address: async (_, __, name) => (isAddress(name) ? { kind: "address", address: name } : undefined),
  check: async (context, _, name) => (checksNamed(context, name).length > 0 ? { kind: "check", name } : undefined),
  host: async (_, hosts, name) => {
    const host = hosts.find(
      (each) => each.on === name || (each.on === undefined && ["this host", "host"].includes(name)),
    );
    return host && { kind: "host", host };
  },
  container: async (context, hosts, name) => {
    const names = namesOf(context, name);
    for (const host of hosts) {
      const containers = await containersOf(host);
      const container = names.map((each) => containers.get(each)).find(Boolean);
      if (container) return { kind: "container", host, container };
    }
    return missing(context, hosts, "container", names);
  },
  network: async (context, hosts, name) => {
    const names = namesOf(context, name);
    for (const host of hosts) {
      const networks = await host.session.networks().catch(() => new Map<string, Network>());
      const network =
        names.map((each) => networks.get(each)).find(Boolean) ??
        [...networks.values()].find(({ bridge, driver }) => driver === "bridge" && bridge === name);
      if (network) return { kind: "network", host, network };
    }
    return missing(context, hosts, "network", names);
  },
  namespace: async (context, hosts, name) => {
    const names = namesOf(context, name);
    for (const host of hosts) {
      const there = await namespacesOn(host.session);
      const found = names.find((each) => there.includes(each));
      if (found) return { kind: "namespace", host, name: found };
    }
    return missing(context, hosts, "namespace", names);
  },
  port: async (_, __, name) => {
    const [, port] = /^(?:(?:\d+\.){3}\d+:)?(\d{1,5})$/.exec(name) ?? [];
    return port === undefined ? undefined : { kind: "port", port: Number(port) };
  },
  member: async (context, _, name) =>
    membersOf(context).some((each) => each.name === name) ? { kind: "member", name } : undefined,
  interface: async (context, _, name) =>
    (await allInterfaces(context)).some(({ found }) => found.name === name) ? { kind: "interface", name } : undefined,
};

/** Finds an object that is in the state and on no host. */
function missing(
  context: Context,
  hosts: readonly EnvironmentHost[],
  kind: TopologyNode["kind"],
  names: readonly string[],
): NamedObject | undefined {
  const placeOf = ({ id }: TopologyNode) => hosts.find(({ on }) => on === parseNodeId(id).on);
  const node = context.outputs.topology.nodes.find(
    (each) => each.kind === kind && each.in !== undefined && names.includes(each.name) && placeOf(each),
  );
  const host = node && placeOf(node);
  return node && host && { kind: "missing", host, node };
}

/** Maximum number of names in an error. */
const SHOWN = 5;

async function unknown(context: Context, name: string): Promise<string> {
  const { topology, checks } = context.outputs;
  const known = [
    ...topology.nodes.map((node) => node.name),
    ...checks.map(({ id }) => id),
    ...context.hosts.map((host) => host.name),
  ];
  const prefix = namesOf(context, "").at(-1) ?? "";
  const short = [...new Set(known.map((each) => (each.startsWith(prefix) ? each.slice(prefix.length) : each)))];
  const near = short
    .map((each) => ({ each, far: each.includes(name) || name.includes(each) ? 0 : distance(each, name) }))
    .filter(({ far }) => far <= Math.ceil(name.length / 3))
    .sort((a, b) => a.far - b.far)
    .slice(0, SHOWN)
    .map(({ each }) => each);
  const hint =
    near.length > 0 ? `there is ${near.join(", ")}` : `npx lab inspect ${context.environment} shows all there is`;
  return `environment ${context.environment} has no object ${name}; ${hint}; an object is [KIND:]NAME[@HOST], and the kinds are ${OBJECT_KINDS.join(", ")}`;
}
