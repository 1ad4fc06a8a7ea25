import type { Check, HostAccess } from "../../stacks/checks.ts";
import { SetupError } from "../../toolchain/step.ts";
import { engineAnswers, type Machines, machines } from "../machine.ts";
import type { Finding } from "./probes/from.ts";
import { probe } from "./probes.ts";

export interface Result extends Finding {
  readonly check: Check;
  readonly ms: number;
}

/** What is to be proven, and where. */
export interface Environment {
  readonly checks: readonly Check[];
  readonly hosts: Readonly<Record<string, HostAccess>>;
}

/** The checks that count visits or packets: those that another check makes in the meantime would be counted, too. */
const ALONE: ReadonlySet<Check["kind"]> = new Set(["counts", "vxlan"]);

/** Proves every check, side by side, and after all others one by one those that count. */
export async function verify({ checks, hosts }: Environment): Promise<Result[]> {
  if (!(await engineAnswers())) throw new SetupError("no Docker engine answers, so nothing can be verified");
  const looked = machines(hosts);
  const results = await Promise.all(
    checks.filter((check) => !ALONE.has(check.kind)).map((check) => prove(check, looked)),
  );
  for (const check of checks.filter(({ kind }) => ALONE.has(kind))) results.push(await prove(check, looked));
  return results.sort((a, b) => checks.indexOf(a.check) - checks.indexOf(b.check));
}

async function prove(check: Check, looked: Machines): Promise<Result> {
  const began = performance.now();
  const finding = await probe(check, looked);
  return { check, ...finding, ms: Math.round(performance.now() - began) };
}
