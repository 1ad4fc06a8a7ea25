import pMap from "p-map";
import type { Check, HostAccess } from "../../stacks/checks.ts";
import { LabError } from "../cli/errors.ts";
import { engineAnswers, hostSessions } from "../host/sessions.ts";
import type { ProbeResult } from "./from.ts";
import { kindOf } from "./kinds.ts";
import { probe, slowest, timeLimit } from "./probe.ts";

export interface Result extends ProbeResult {
  readonly check: Check;
  readonly ms: number;
}

/** What is to be proven, and where. */
export interface Environment {
  readonly checks: readonly Check[];
  readonly hosts: Readonly<Record<string, HostAccess>>;
}

/** Who is told of each check. */
export interface Observer {
  readonly begins: (check: Check) => void;
  readonly ends: (result: Result) => void;
}

export interface VerifyOptions {
  /**
   * How long a check may take, in seconds; after that it has failed. On slow hosts it may take their factor longer.
   * @default 20
   */
  readonly timeoutSec?: number | undefined;
  /** @default - none */
  readonly observer?: Observer | undefined;
}

/**
 * How many checks are made side by side: most wait, and too many at once would only wait for each other. On a slow host they are
 * fewer, since all that runs there takes processor time from the others.
 */
const AT_ONCE = { most: 8, least: 2 };
const atOnce = (hosts: Environment["hosts"]): number =>
  Math.max(AT_ONCE.least, Math.floor(AT_ONCE.most / slowest(hosts)));

/** Proves every check, side by side, and after all others those that count, of each kind one by one. */
export async function verify({ checks, hosts }: Environment, options: VerifyOptions = {}): Promise<Result[]> {
  if (!(await engineAnswers())) throw new LabError("no Docker engine answers, so nothing can be verified");
  const tasks = checks.some(({ kind }) => kind === "swarmService");
  const looked = hostSessions(hosts, { containers: valuesOf(checks, ["container", "of", "like"]), tasks });
  // All want to know this: the time that it takes is no check's own.
  const wanted = [undefined, ...valuesOf(checks, ["on", "host", "hosts"])].map(looked);
  await Promise.allSettled(wanted.flatMap((session) => [session.containers(), session.networks()]));
  const limitSec = timeLimit(hosts, options.timeoutSec);
  const prove = async (check: Check): Promise<Result> => {
    options.observer?.begins(check);
    const began = performance.now();
    const finding = await probe(check, looked, limitSec);
    const result = { check, ...finding, ms: Math.round(performance.now() - began) };
    options.observer?.ends(result);
    return result;
  };
  const alone = new Set(checks.filter((check) => kindOf(check).runsAlone).map(({ kind }) => kind));
  const together = checks.filter(({ kind }) => !alone.has(kind)).sort((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  const results = await pMap(together, prove, { concurrency: atOnce(hosts) });
  const oneByOne = (kind: Check["kind"]) =>
    pMap(
      checks.filter((check) => check.kind === kind),
      prove,
      { concurrency: 1 },
    );
  const counted = await pMap(alone, oneByOne);
  return [...results, ...counted.flat()].sort((a, b) => checks.indexOf(a.check) - checks.indexOf(b.check));
}

const isSlow = (check: Check): boolean => kindOf(check).isSlow?.(check) ?? false;

/** The strings in those fields, wherever in the checks they are, each once. */
function valuesOf(checks: readonly Check[], fields: readonly string[]): string[] {
  const found = new Set<string>();
  JSON.stringify(checks, (field, value) => {
    for (const each of fields.includes(field) ? [value].flat() : []) if (typeof each === "string") found.add(each);
    return value;
  });
  return [...found];
}
