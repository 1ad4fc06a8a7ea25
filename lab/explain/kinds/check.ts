import type { Check } from "../../../stacks/checks.ts";
import { machines } from "../../machine.ts";
import { table } from "../../table.ts";
import { probe } from "../../verify/probes.ts";
import { causesOf } from "../causes.ts";
import { PROOFS } from "../proofs.ts";
import type { Scene } from "../scene.ts";
import { faultRows } from "../tell.ts";

/** The checks of that id, or of that row. */
export const checksNamed = ({ outputs: { checks } }: Scene, name: string): Check[] => {
  const exact = checks.filter(({ id }) => id === name);
  return exact.length > 0 ? exact : checks.filter(({ row }) => row === name);
};

/** What checks prove, what they find now, and what causes that; of several only the ones that fail at length. */
export async function explainChecks(scene: Scene, checks: readonly Check[]): Promise<string> {
  const told: string[] = [];
  for (const check of checks) told.push(await explainCheck(scene, check, checks.length > 1));
  return told.join("\n\n");
}

async function explainCheck(scene: Scene, check: Check, short: boolean): Promise<string> {
  const { passed, found } = await probe(check, machines(scene.outputs.hosts));
  const head = `${check.id} proves, of row ${check.row} in the lab ${check.lab}: ${check.says}`;
  const { how, may } = PROOFS[check.kind];
  if (passed && short) return `${head}\n\n${table([["found", `passed: ${found}`]])}`;
  const rows = [
    ["how", how],
    ["found", `${passed ? "passed" : "FAILED"}: ${found}`],
    ...(passed ? [] : [["may come from", may]]),
    ...(passed ? [] : faultRows(await causesOf(scene, check))),
  ];
  return `${head}\n\n${table(rows)}`;
}
