import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../../lab/cli/table.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { FAULT_KINDS } from "./catalogue.ts";
import type { Uncovered } from "./fault.ts";
import { historySection } from "./historyResults.ts";
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

/** Writes docs/faults.md from the last results of this checkout. Faults without a result keep their row of the page. */
export function writeDocs(): void {
  const made = new Map(keptResults().map((each) => [each.id, row(each)]));
  const page = readFileSync(DOCS, "utf8");
  const before = rowsOf(page);
  const rows = FAULT_KINDS.flatMap(({ faults }) => faults).map(
    ({ id, title, way, protects }) =>
      made.get(id) ?? before.get(id) ?? `| ${id} | ${title} | not run yet | - | ${way} | | ${protects} | - |`,
  );
  const [swarm, others] = [rows.filter(isSwarms), rows.filter((each) => !isSwarms(each))];
  const absent = UNCOVERED.map(({ id, title, reason, why }) => `| ${id} | ${title} | ${reason} | ${why} |`);
  writeFileSync(
    DOCS,
    `# Faults that environments survive

\`npm run faults\` causes each fault for real; \`npm run faults -- --list\` lists them. Survived means: the message that the
user sees states the problem, nothing valuable is lost (records of existing objects, other owners' resources on the
host, etcd's keys, the hits of the counter, SSH access), at most one command repairs the environment, and after it every
check passes, a second preview shows no change and there are no leftovers. Written by \`npm run faults -- --docs\`, which
updates the rows of the faults that were caused in the same checkout: **${rowTally(rows)}**.

${HEAD}
${others.toSorted().join("\n")}

## Faults of a swarm

\`npm run faults -- --swarm\` causes these, one after the other, in one swarm of three managers and a worker (practice nodes of Debian
13), with redis on the first node and a front end on each: **${rowTally(swarm)}**. Before each of them the counter is visited; after it
the hits, the id of the swarm, and a service that is no part of the environment must be as before. The last run's hits, before and
after, are in the column of what is not lost; those that come with it are visits of the checks.

${HEAD}
${swarm.toSorted().join("\n")}

${historySection(page)}

## Faults that are not covered

| id | fault | reason | |
|---|---|---|---|
${absent.join("\n")}
`,
  );
}

const HEAD = `| id | fault | survived | recovery, median/longest in s | repaired by | message | not lost | run |
|---|---|---|---|---|---|---|---|`;

const isSwarms = (line: string): boolean => line.startsWith("| S");

const row = (each: Result): string => {
  const measured = each.outturns.at(-1)?.measured;
  const kept = measured === undefined ? each.protects : `${each.protects} (${measured})`;
  return `| ${each.id} | ${each.title} | ${survived(each)} | ${recovery(each)} | ${each.way} | ${shown(each)} | ${kept} | ${each.at.slice(0, 10)} |`;
};

/** Rows of the page for faults that were caused, by id. */
export const rowsOf = (page: string): ReadonlyMap<string, string> =>
  new Map([...page.matchAll(/^\| ([RS]\d+) \| .* \| \d{4}-\d\d-\d\d \|$/gm)].map(([line, id = ""]) => [id, line]));

/** Like {@link tally}, for rows of the page. */
export function rowTally(rows: readonly string[]): string {
  const counts = rows.map((each) => / \| (\d+)\/(\d+) \| /.exec(each)?.slice(1).map(Number) ?? []);
  const sum = (column: 0 | 1) => counts.reduce((total, each) => total + (each[column] ?? 0), 0);
  return `survived ${sum(0)}/${sum(1)}`;
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
