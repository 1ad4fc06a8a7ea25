import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../../lab/cli/table.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { FAULT_KINDS } from "./catalogue.ts";
import type { Uncovered } from "./fault.ts";
import { keptResults, leftovers, type Result, recovery, survived } from "./results.ts";
import { UNCOVERED } from "./uncovered.ts";

const DOCS = join(PROJECT, "docs", "faults.md");

export const summary = (results: readonly Result[]): string =>
  table([
    ["ID", "FAULT", "SURVIVED", "RECOVERY p50/max s", "LEFTOVERS", "REPAIRED BY"],
    ...results.map((each) => [each.id, each.title, survived(each), recovery(each), String(leftovers(each)), each.way]),
  ]);

export const uncoveredTable = (uncovered: readonly Uncovered[]): string =>
  table([
    ["ID", "NOT COVERED", "REASON", "WHY"],
    ...uncovered.map(({ id, title, reason, why }) => [id, title, reason, why]),
  ]);

/** How many of the caused faults were survived. */
export function tally(results: readonly Result[]): string {
  const all = results.flatMap(({ outturns }) => outturns);
  return `survived ${all.filter((each) => each.survived).length}/${all.length}`;
}

/** Writes docs/faults.md from the last results of every fault. */
export function writeDocs(): void {
  const results = keptResults();
  const made = results.map(
    (each) =>
      `| ${each.id} | ${each.title} | ${survived(each)} | ${recovery(each)} | ${each.way} | ${shown(each)} | ${each.protects} |`,
  );
  const known = new Set(results.map(({ id }) => id));
  const waiting = FAULT_KINDS.flatMap(({ faults }) => faults)
    .filter(({ id }) => !known.has(id))
    .map(({ id, title, way, protects }) => `| ${id} | ${title} | not run yet | - | ${way} | | ${protects} |`);
  const absent = UNCOVERED.map(({ id, title, reason, why }) => `| ${id} | ${title} | ${reason} | ${why} |`);
  const days = [...new Set(results.map(({ at }) => at.slice(0, 10)))].sort().join(", ");
  writeFileSync(
    DOCS,
    `# Faults that environments survive

\`npm run faults\` causes each fault for real; \`npm run faults -- --list\` lists them. Survived means: the message that the
user sees states the problem, nothing valuable is lost (records of existing objects, other owners' resources on the
host, etcd's keys, the hits of the counter, SSH access), at most one command repairs the environment, and after it every
check passes, a second preview shows no change and there are no leftovers. Written by \`npm run faults -- --docs\` from runs of ${days}:
**${tally(results)}**.

| id | fault | survived | recovery, median/longest in s | repaired by | message | not lost |
|---|---|---|---|---|---|---|
${[...made, ...waiting].sort().join("\n")}

## Faults that are not covered

| id | fault | reason | |
|---|---|---|---|
${absent.join("\n")}
`,
  );
}

/** The most relevant line of the user's output. */
function shown({ outturns, saying }: Result): string {
  const line =
    outturns
      .at(-1)
      ?.said.split("\n")
      .find((each) => new RegExp(saying).test(each)) ?? "";
  const text = line
    .trim()
    .replaceAll("|", "\\|")
    .replace(/test-[0-9a-f]{8}/g, "ENV");
  return text === "" ? "" : `\`${text.slice(0, 160)}\``;
}
