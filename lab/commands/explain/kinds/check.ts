import type { Check } from "../../../../stacks/checks.ts";
import { causesOf } from "../../../checks/causes.ts";
import { kindOf } from "../../../checks/kinds.ts";
import { probe, timeLimit } from "../../../checks/probe.ts";
import type { Context } from "../../../faults/context.ts";
import { hostSessions } from "../../../host/sessions.ts";
import { type Explanation, explanation, faultRows, labelled, together } from "../format.ts";
import { unseenRows } from "../unseen.ts";

/** The checks with this id, or of this row. */
export const checksNamed = ({ outputs: { checks } }: Context, name: string): Check[] => {
  const exact = checks.filter(({ id }) => id === name);
  return exact.length > 0 ? exact : checks.filter(({ row }) => row === name);
};

/**
 * Explains what checks verify, their results now, and the causes of failures. Of several checks, passed ones are
 * shortened.
 */
export async function explainChecks(context: Context, checks: readonly Check[]): Promise<Explanation> {
  const told: Explanation[] = [];
  for (const check of checks) told.push(await explainCheck(context, check, checks.length > 1));
  return together(told);
}

async function explainCheck(context: Context, check: Check, short: boolean): Promise<Explanation> {
  const { passed, actual } = await probe(check, hostSessions(context.outputs.hosts), timeLimit(context.outputs.hosts));
  const head = `${check.id} (row ${check.row}, lab ${check.lab}): ${check.title}`;
  const { how, mayBe } = kindOf(check);
  if (passed && short) return explanation([], head, labelled([["result", `passed: ${actual}`]]));
  const causes = passed ? [] : await causesOf(context, check);
  const rows = [
    ["method", how],
    ["result", `${passed ? "passed" : "FAILED"}: ${actual}`],
    ...(passed ? [] : [["possible causes", mayBe]]),
    ...(passed ? [] : faultRows(causes, "cause")),
    ...(passed ? [] : await unseenRows(context.here)),
  ];
  const told = explanation(causes, head, labelled(rows));
  return { ...told, code: passed || told.code > 0 ? told.code : 1 };
}
