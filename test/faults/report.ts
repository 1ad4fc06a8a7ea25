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
    ["ID", "FAULT", "SURVIVED", "RECOVERY p50/max s", "LEFTOVERS", "WAY BACK"],
    ...results.map((each) => [each.id, each.title, survived(each), recovery(each), String(leftovers(each)), each.way]),
  ]);

export const uncoveredTable = (uncovered: readonly Uncovered[]): string =>
  table([
    ["ID", "NOT MADE", "REASON", "WHY"],
    ...uncovered.map(({ id, title, reason, why }) => [id, title, reason, why]),
  ]);

/** Times that faults were made, and how many of these were survived. */
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
    .map(({ id, title, way, protects }) => `| ${id} | ${title} | not made yet | - | ${way} | | ${protects} |`);
  const absent = UNCOVERED.map(({ id, title, reason, why }) => `| ${id} | ${title} | ${reason} | ${why} |`);
  const days = [...new Set(results.map(({ at }) => at.slice(0, 10)))].sort().join(", ");
  writeFileSync(
    DOCS,
    `# Faults that environments survive

\`npm run faults\` makes them for real, and \`npm run faults -- --list\` lists them. Survived means: the text that
the user reads says what is wrong, nothing that must not be lost is lost (what is known of real objects, what others have on the
host, etcd's keys, the hits of the counter, the way in), the way back is one command or none, and after it every check passes,
a second preview shows no change and nothing is left over. Written by \`npm run faults -- --docs\` from runs of ${days}:
**${tally(results)}**.

| id | fault | survived | recovery, median/longest in s | way back | what you read | what is not lost |
|---|---|---|---|---|---|---|
${[...made, ...waiting].sort().join("\n")}

## Faults that are not made

| id | fault | reason | |
|---|---|---|---|
${absent.join("\n")}
`,
  );
}

/** The line of what the user reads that says most. */
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
