import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClientGroup, type GroupReport, startLoad } from "./loadClient.ts";

/** The hit counter as a service: a URL of each host that publishes it, and its counter. */
export interface CounterService {
  readonly urls: readonly string[];
  readonly hits: () => Promise<number>;
}

/** What the clients of a hit counter saw while something happened to it. */
export interface Round {
  readonly groups: readonly GroupReport[];
  /** Number of hits that were counted. */
  readonly counted: number;
  /** Numbers that the answers with status 200 show. */
  readonly seen: readonly number[];
  /** Time from the beginning of what happened until the service was whole again. */
  readonly wholeMs: number;
}

/** Time of undisturbed load before and after. */
const CALM_MS = 1_000;

/** 200 clients: those of two load balancers for all hosts, and those that know one host only. */
const groupsOf = (urls: readonly string[]): ClientGroup[] => [
  { name: "load balancer as nginx is by default", clients: 70, urls, keepAlive: false, avoidMs: 10_000 },
  { name: "load balancer that tries every host", clients: 70, urls, keepAlive: true },
  ...urls.map((url, index) => ({
    name: `clients of host ${index + 1} only`,
    clients: Math.floor(60 / urls.length),
    urls: [url],
    keepAlive: true,
  })),
];

/** Runs `disturb`, which ends when the service is whole again, while 200 clients ask. */
export async function underLoad({ urls, hits }: CounterService, disturb: () => Promise<unknown>): Promise<Round> {
  const before = await hits();
  const load = startLoad(groupsOf(urls));
  let wholeMs = 0;
  let groups: GroupReport[];
  try {
    await sleep(CALM_MS);
    const began = performance.now();
    await disturb();
    wholeMs = performance.now() - began;
    await sleep(CALM_MS);
  } finally {
    groups = await load.stop();
  }
  const seen = groups.flatMap(({ answers }) => answers.map((text) => Number(/seen (\d+) times/.exec(text)?.[1])));
  return { groups, counted: (await hits()) - before, seen, wholeMs };
}

/** Asserts that every hit that a client was told of is counted, once. */
export function assertCounted({ groups, counted, seen }: Round): void {
  const attempts = groups.flatMap((each) => Object.values(each.attempts)).reduce((sum, each) => sum + each, 0);
  assert.ok(seen.every(Number.isInteger), "an answer with status 200 shows no number");
  assert.equal(new Set(seen).size, seen.length, "two answers show the same number");
  assert.ok(counted >= seen.length, `${seen.length} answers, and ${counted} hits are counted`);
  // A request may have been counted although its answer did not arrive.
  assert.ok(counted <= seen.length + attempts, `${counted} hits for ${seen.length} answers and ${attempts} failures`);
}

/** Largest share of requests through a load balancer that may fail. */
const MOST_FAILED = 0.01;
/** Longest time in which a load balancer may answer no client: its time limits, on a busy machine. */
const MOST_SILENT_SEC = 15;

/** Asserts that few requests through a load balancer failed, and that each host answered again in time. */
export function assertBounded({ groups }: Round, silentSec: number): void {
  for (const { group, answers, failed, silentMs } of groups) {
    const isBalanced = group.urls.length > 1;
    const share = failed / (answers.length + failed);
    assert.ok(!isBalanced || share <= MOST_FAILED, `${group.name}: ${failed} failed, ${answers.length} did not`);
    const most = isBalanced ? MOST_SILENT_SEC : silentSec;
    assert.ok(silentMs <= most * 1000, `${group.name}: ${seconds(silentMs)} without an answer`);
  }
}

/** A round as a table. */
export const roundTable = (what: string, { groups, counted, seen, wholeMs }: Round): string =>
  [
    `${what}: whole after ${seconds(wholeMs)}; ${seen.length} answers, ${counted} hits counted`,
    ...groups.map(({ group, answers, failed, attempts, slowestMs, silentMs }) =>
      [
        group.name,
        `${group.clients} clients`,
        `${answers.length} answered`,
        `${failed} failed`,
        `slowest ${seconds(slowestMs)}`,
        `silent ${seconds(silentMs)}`,
        Object.entries(attempts)
          .map(([cause, count]) => `${count} ${cause}`)
          .join(", "),
      ].join(" | "),
    ),
  ].join("\n");

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
