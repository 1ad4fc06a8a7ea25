import { RunError } from "@pulumi/pulumi/errors.js";
import type * as z from "zod";
import { hostAddress, isHostOf, isInside, overlap, subBlock } from "../components/lib/cidr.ts";
import { DEFAULT_ENGINE } from "../components/lib/dockerNames.ts";
import { defaultPort, defaultSubnet, type Identity } from "../components/lib/identity.ts";
import { LOOPBACK } from "../components/lib/ranges.ts";
import { type OwnHost, ownHost } from "./hosts.ts";
import type { ImageOrigin } from "./images.ts";
import {
  EVERY_ADDRESS,
  type HostSettings,
  keysAt,
  LAB_NAMES,
  type LabName,
  type OverlaySettings,
  Settings,
} from "./schema.ts";
import { valueProblem } from "./words.ts";

/** The labs that have a network of their own. */
const NETWORKED = ["ports", "counter", "bridge", "links"] as const;
type NetworkedLab = (typeof NETWORKED)[number];
/** The labs that listen on a port of the host. */
const LISTENING = ["ports", "counter", "isolation"] as const;
type ListeningLab = (typeof LISTENING)[number];
/** Number of the share of subnets from which the block of the machine outside is taken; labs have those before it. */
const OUTSIDE_SHARE = 15;

/** A stack's settings with every default filled in. */
export interface Config {
  readonly identity: Identity;
  readonly labs: readonly LabName[];
  readonly publishAddress: string;
  readonly images: ImageOrigin;
  /** Where the Docker engine of this machine is, as DOCKER_HOST says it. */
  readonly engine: string;
  /** The block of a lab's network, and the address of its bridge. */
  readonly network: Readonly<Record<NetworkedLab, { readonly subnet: string; readonly gateway: string }>>;
  /** The port of the host that a lab listens on. */
  readonly port: Readonly<Record<ListeningLab, number>>;
  /** Block of the cable to the machine outside, in the lab `bridge`. */
  readonly outside: string;
  /** Of the lab `namespaces`: the two ends of the cable, with prefix length, and the machine, `local` or one's name. */
  readonly namespaces: { readonly addresses: readonly [string, string]; readonly host: string };
  /** The machines of the user's; none: the lab `overlay` makes practice nodes. */
  readonly hosts: readonly OwnHost[];
  /** Of the lab `overlay`; `subnet` is the LAN of the practice nodes. */
  readonly overlay: OverlaySettings & { readonly subnet: string };
  /** Every block and port of the labs that are built, by the setting that chooses it. */
  readonly claims: { readonly subnets: readonly Claimed<string>[]; readonly ports: readonly Claimed<number>[] };
}

/** The machine that runs Pulumi. */
export const LOCAL = "local";

/** The names of practice nodes, which are the tutorial's. */
export const nodeNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `docker-node${i + 1}`);

/** A value and the setting that chooses it, for example `ports.port`. */
export interface Claimed<T> {
  readonly setting: string;
  readonly value: T;
}

/** Keys whose values are written as YAML lists or maps, which reach the program as JSON. */
const STRUCTURED = new Set<string>(["labs", "hosts", ...LAB_NAMES]);

/**
 * Checks the settings of a stack and fills in its defaults; throws one error that lists everything wrong with them.
 * The values are as Pulumi hands them over: strings, with lists and maps in JSON.
 */
export function parseConfig(
  identity: Identity,
  raw: Readonly<Record<string, string>>,
  images = "official",
  engine = DEFAULT_ENGINE,
): Config {
  const result = Settings.safeParse(Object.fromEntries(Object.entries(raw).map(decode)), { error: valueProblem });
  if (!result.success) throw refusal(identity, result.error.issues.map(describe));
  if (images !== "official" && images !== "debian") {
    throw refusal(identity, [`environment variable DOCKERNET_IMAGES: expected official or debian, got ${images}`]);
  }

  const { labs, publishAddress, namespaces, ...settings } = result.data;
  const share = (name: LabName) => LAB_NAMES.indexOf(name);
  const network = recordOf(NETWORKED, (name) => {
    const subnet = settings[name].subnet ?? defaultSubnet(identity, share(name));
    return { subnet, gateway: settings[name].gateway ?? hostAddress(subnet, 1) };
  });
  const port = recordOf(LISTENING, (name) => settings[name].port ?? defaultPort(identity, share(name)));
  const outside = settings.bridge.outside ?? subBlock(defaultSubnet(identity, OUTSIDE_SHARE), 30, 0);

  const overlay = { ...settings.overlay, subnet: settings.overlay.subnet ?? defaultSubnet(identity, share("overlay")) };
  const found = settings.hosts.map(attemptHost);
  const hosts = found.flatMap((each) => ("host" in each ? [each.host] : []));

  const built = (name: LabName) => labs.includes(name);
  const elsewhere = built("namespaces") && namespaces.host !== LOCAL;
  const practice = (built("overlay") || elsewhere) && settings.hosts.length === 0;
  const names = practice ? nodeNames(overlay.nodes) : settings.hosts.map(({ name }) => name);
  const claims = {
    subnets: [
      ...NETWORKED.filter(built).map((name) => ({ setting: `${name}.subnet`, value: network[name].subnet })),
      ...(built("bridge") ? [{ setting: "bridge.outside", value: outside }] : []),
      ...(practice ? [{ setting: "overlay.subnet", value: overlay.subnet }] : []),
    ],
    ports: LISTENING.filter(built).map((name) => ({ setting: `${name}.port`, value: port[name] })),
  };
  const problems = [
    ...(elsewhere && !names.includes(namespaces.host)
      ? [`namespaces.host: expected ${[LOCAL, ...names].join(", ")}, got ${namespaces.host}`]
      : []),
    ...found.flatMap((each) => ("problem" in each ? [each.problem] : [])),
    ...(built("overlay") ? settings.hosts.flatMap(loopbackProblem) : []),
    ...NETWORKED.filter(built).flatMap((name) => gatewayProblem(name, network[name])),
    ...clashes(claims.ports, (a, b) => a === b).map(([a, b]) => `${b.setting}: ${b.value} is ${a.setting} already`),
    ...clashes(claims.subnets, overlap).map(([a, b]) => `${b.setting}: ${b.value} overlaps ${a.setting}, ${a.value}`),
  ];
  if (problems.length > 0) throw refusal(identity, problems);
  return {
    identity,
    labs,
    publishAddress,
    images,
    engine,
    network,
    port,
    outside,
    namespaces,
    hosts,
    overlay,
    claims,
  };
}

/** An address at which the host itself reaches what it publishes on `publishAddress`. */
export const reachableAddress = (publishAddress: string): string =>
  publishAddress === EVERY_ADDRESS ? "127.0.0.1" : publishAddress;

const recordOf = <K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> =>
  Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;

/** The machines that the setting `hosts` names, of which nothing else is looked at; throws what is wrong with it. */
export function parseHosts(raw = "[]"): HostSettings[] {
  const [, value] = decode(["hosts", raw]);
  const result = Settings.safeParse({ hosts: value }, { error: valueProblem });
  if (!result.success) throw new RunError(result.error.issues.map(describe).join("\n  "));
  return result.data.hosts;
}

function decode([key, value]: [string, string]): [string, unknown] {
  if (!STRUCTURED.has(key)) return [key, value];
  try {
    return [key, JSON.parse(value)];
  } catch {
    return [key, value];
  }
}

function attemptHost(settings: HostSettings, index: number): { host: OwnHost } | { problem: string } {
  try {
    return { host: ownHost(settings) };
  } catch (error) {
    return { problem: `hosts.${index}.${(error as Error).message}` };
  }
}

const gatewayProblem = (name: string, { subnet, gateway }: { subnet: string; gateway: string }): string[] =>
  isHostOf(subnet, gateway) ? [] : [`${name}.gateway: expected a host of ${subnet}, got ${gateway}`];

const loopbackProblem = ({ address }: HostSettings, index: number): string[] =>
  isInside(LOOPBACK, address)
    ? [`hosts.${index}.address: expected an address at which the other machines reach it, got ${address}`]
    : [];

/** The pairs of claims that cannot both be met. */
const clashes = <T>(claims: readonly Claimed<T>[], clash: (a: T, b: T) => boolean) =>
  claims.flatMap((b, index) =>
    claims.slice(0, index).flatMap((a) => (clash(a.value, b.value) ? [[a, b] as const] : [])),
  );

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    const before = issue.path.map((part) => `${String(part)}.`).join("");
    const known = keysAt(issue.path).join(", ");
    return issue.keys.map((key) => `${before}${key}: no such setting; there are ${known}`).join("\n  ");
  }
  return `${issue.path.join(".")}: ${issue.message}`;
}

const refusal = ({ stack }: Identity, problems: readonly string[]) =>
  new RunError(`settings of stack ${stack} (stacks/Pulumi.${stack}.yaml):\n  ${problems.join("\n  ")}`);
