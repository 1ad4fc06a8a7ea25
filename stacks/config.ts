import { RunError } from "@pulumi/pulumi/errors.js";
import type * as z from "zod";
import { isInside, overlap } from "../components/lib/cidr.ts";
import { DEFAULT_ENGINE } from "../components/lib/dockerNames.ts";
import { defaultPort, defaultSubnet, type Identity } from "../components/lib/identity.ts";
import { LOOPBACK } from "../components/lib/ranges.ts";
import { EVERY_ADDRESS, type HostSettings, LOCAL } from "./fields.ts";
import { type OwnHost, ownHost } from "./hosts.ts";
import type { ImageOrigin } from "./images.ts";
import { describedLab, LAB_NAMES, type LabName, type LabSettings } from "./labs/index.ts";
import { keysAt, Settings } from "./settings.ts";
import { valueProblem } from "./words.ts";

/** A stack's settings with every default filled in. */
export interface Config {
  readonly identity: Identity;
  /** The labs that are built. */
  readonly labs: readonly LabName[];
  /** Of every lab, whether it is built or not. */
  readonly settings: LabSettings;
  readonly publishAddress: string;
  readonly images: ImageOrigin;
  /** Where the Docker engine of this host is, as DOCKER_HOST says it. */
  readonly engine: string;
  /** The user's hosts; without any, labs that need hosts get practice nodes. */
  readonly hosts: readonly OwnHost[];
  /** What practice nodes are, where there are any. */
  readonly nodes: PracticeNodes;
  /** Every block and port of the labs that are built, by the setting that chooses it. */
  readonly reservations: {
    readonly subnets: readonly Reservation<string>[];
    readonly ports: readonly Reservation<number>[];
  };
}

/** Practice nodes, by the settings of the lab that they are for first of all. */
export interface PracticeNodes {
  readonly lab: "overlay" | "swarm";
  /** Block of their LAN. */
  readonly subnet: string;
  readonly count: number;
  readonly kind: "container" | "vm";
  /** Image of those that are containers. */
  readonly image: "node" | "node13";
}

/** The names of practice nodes, which are the tutorial's. */
export const nodeNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `docker-node${i + 1}`);

/** A value and the setting that chooses it, for example `ports.port`. */
export interface Reservation<T> {
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

  const { labs, publishAddress } = result.data;
  const settings = resolved(identity, result.data);
  const found = result.data.hosts.map(attemptHost);
  const hosts = found.flatMap((each) => ("host" in each ? [each.host] : []));

  const built = LAB_NAMES.filter((name) => labs.includes(name)).map((name): Built => [name, settings[name]]);
  const placed = built.flatMap(([name, own]) => {
    const on = describedLab(name).hosts?.(own);
    return on === undefined ? [] : [{ name, on }];
  });
  const practice = placed.length > 0 && result.data.hosts.length === 0;
  const nodes = practiceNodes(labs, settings);
  const names = practice ? nodeNames(nodes.count) : result.data.hosts.map(({ name }) => name);
  const reservations = {
    subnets: [
      ...built.flatMap(([name, own]) => reservationsOf(name, describedLab(name).reserves?.(own).subnets)),
      ...(practice ? reservationsOf(nodes.lab, { subnet: nodes.subnet }) : []),
    ],
    ports: built.flatMap(([name, own]) => reservationsOf(name, describedLab(name).reserves?.(own).ports)),
  };
  const problems = [
    ...placed.flatMap(({ name, on }) =>
      (on === "all" ? [] : on)
        .filter((each) => !names.includes(each))
        .map((each) => `${name}.host: expected ${[LOCAL, ...names].join(", ")}, got ${each}`),
    ),
    ...found.flatMap((each) => ("problem" in each ? [each.problem] : [])),
    ...(placed.some(({ on }) => on === "all") ? result.data.hosts.flatMap(loopbackProblem) : []),
    ...built.flatMap(([name, own]) =>
      (describedLab(name).problems?.(own, names.length) ?? []).map((each) => `${name}.${each}`),
    ),
    ...(labs.includes("overlay") && labs.includes("swarm") ? [TWO_GENERATIONS] : []),
    ...clashes(reservations.ports, (a, b) => a === b).map(
      ([a, b]) => `${b.setting}: ${b.value} is ${a.setting} already`,
    ),
    ...clashes(reservations.subnets, overlap).map(
      ([a, b]) => `${b.setting}: ${b.value} overlaps ${a.setting}, ${a.value}`,
    ),
  ];
  if (problems.length > 0) throw refusal(identity, problems);
  return { identity, labs, settings, publishAddress, images, engine, hosts, nodes, reservations };
}

const TWO_GENERATIONS =
  "labs: expected overlay or swarm, got both; the networks of an engine are either in a cluster store or in a swarm";

const practiceNodes = (labs: readonly LabName[], { overlay, swarm }: LabSettings): PracticeNodes =>
  labs.includes("swarm")
    ? {
        lab: "swarm",
        subnet: swarm.subnet,
        count: swarm.nodes,
        kind: "container",
        image: swarm.debian === 13 ? "node13" : "node",
      }
    : { lab: "overlay", subnet: overlay.subnet, count: overlay.nodes, kind: overlay.practiceNodes, image: "node" };

/** A lab that is built, and its settings. */
type Built = readonly [name: LabName, settings: unknown];

/** The settings of all labs with their defaults filled in: each lab has its share of the environment's subnets and ports. */
const resolved = (identity: Identity, settings: z.output<typeof Settings>): LabSettings =>
  Object.fromEntries(
    LAB_NAMES.map((name, number) => {
      const share = { identity, subnet: defaultSubnet(identity, number), port: defaultPort(identity, number) };
      return [name, describedLab(name).resolve(settings[name], share)];
    }),
  ) as unknown as LabSettings;

const reservationsOf = <T>(lab: LabName, values: Readonly<Record<string, T>> = {}): Reservation<T>[] =>
  Object.entries(values).map(([key, value]) => ({ setting: `${lab}.${key}`, value }));

/** An address at which the host itself reaches what it publishes on `publishAddress`. */
export const reachableAddress = (publishAddress: string): string =>
  publishAddress === EVERY_ADDRESS ? "127.0.0.1" : publishAddress;

/** The hosts that the setting `hosts` names, of which nothing else is looked at; throws what is wrong with it. */
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

const loopbackProblem = ({ address }: HostSettings, index: number): string[] =>
  isInside(LOOPBACK, address)
    ? [`hosts.${index}.address: expected an address at which the other hosts reach it, got ${address}`]
    : [];

/** The pairs of reservations that cannot both be met. */
const clashes = <T>(reservations: readonly Reservation<T>[], clash: (a: T, b: T) => boolean) =>
  reservations.flatMap((b, index) =>
    reservations.slice(0, index).flatMap((a) => (clash(a.value, b.value) ? [[a, b] as const] : [])),
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
