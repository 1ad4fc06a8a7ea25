import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as z from "zod";
import { PROJECT } from "../../toolchain/environment.ts";
import { keptIn } from "../kept.ts";
import { ENGINES } from "./engines.ts";
import type { Each, Whole } from "./look.ts";
import { FIT, type Row, UNFIT } from "./rows.ts";

/** What came of a row, and when. */
export interface Result extends Row {
  /** ISO 8601. */
  readonly at: string;
  readonly look: z.infer<typeof Whole> | z.infer<typeof Each>;
}

const DOCS = join(PROJECT, "docs", "compatibility.md");
/** The last result of every row that was run in this checkout. */
const { all: kept, keep } = keptIn<Result>("matrix.json");

export { keep };

/** Whether all is well on an engine, or the doctor names the labs that fail there, and no others. */
export const isRight = ({ look }: Result): boolean =>
  "said" in look ? look.said.join() === look.seen.join() : look.wrong.length === 0;

/** Writes docs/compatibility.md from the last result of every row. */
export function writeDocs(): void {
  const results = new Map(kept().map((result) => [result.id, result]));
  const days = [...new Set([...results.values()].map(({ at }) => at.slice(0, 10)))].sort().join(", ");
  const [fit, unfit] = [FIT, UNFIT].map((rows) => rows.map((row) => rowOf(row, results.get(row.id))).join("\n"));
  writeFileSync(
    DOCS,
    `# Engines that the labs run on

\`npm run matrix\` brings up every lab on engines of four generations, one after the other, each in namespaces of its own on one
machine (\`test/world.sh\`), and writes these tables; \`npm run matrix -- --list\` lists the rows. It needs root and some minutes
a row. Written from runs of ${days}, with the CLI and the providers that are built from source.

All labs of \`practice\`, with practice nodes of Debian 12 whose own engines are 20.10.24, as the cluster store needs them. Green
means: the doctor sees no problem, \`up\` succeeds, every check passes, a second preview that looks at the engine first shows no
change, \`lab explain\` accuses nothing, and after \`destroy\` nothing is left.

| engine | from | \`daemon.json\` | API | image store | firewall | result |
|---|---|---|---|---|---|---|
${fit}

## Settings of an engine that labs cannot pass with

\`lab doctor\` names them beforehand, and \`lab explain\` as the cause of a failed check. Each lab was brought up by itself: those that
the doctor names must fail, and all others must be green. An engine with \`iptables\`, \`ip-masq\` or
\`bridge\` off cannot build images, and the doctor names the labs whose images it lacks: here 29.1.3 began without images, and
20.10.24 with this machine's.

| engine | from | \`daemon.json\` | the doctor names | labs that fail | result |
|---|---|---|---|---|---|
${unfit}

## Plugins

The tables are of the docker provider that is built from source. It speaks the engine's API 1.41, or up to 1.44 where an engine
takes nothing older (\`min-api-version\`); what else it lacks is in [its README](../toolchain/go/docker/README.md). The official
plugins agree on a version with the engine. A machine that reaches only package registries cannot get these, so their rows are
not in this table. The same command fills it on a machine that can: it runs on whatever plugins the set-up has found.

## Systems

Set-up and labs were run on Debian 12, amd64, with cgroup v1. An engine of Docker Desktop keeps its networks in a virtual machine, and
labs that look at interfaces of the host do not pass there; the doctor says so.
`,
  );
}

function rowOf({ engine, settings }: Row, result: Result | undefined): string {
  const daemon = `\`${JSON.stringify(settings)}\``;
  const from = ENGINES[engine].from;
  if (!result) return `| not run yet | ${from} | ${daemon} |`;
  const { look } = result;
  const cells =
    "passed" in look
      ? [
          ...[look.self.version, from, daemon, look.self.api, look.self.store, look.self.firewall],
          look.wrong.length === 0 ? `green, ${look.passed} checks` : look.wrong.join("; "),
        ]
      : [
          ...[look.self.version, from, daemon, look.settings.map((each) => `\`${each}\``).join(), look.seen.join(", ")],
          isRight(result) ? "as the doctor says" : `the doctor says ${look.said.join(", ")}`,
        ];
  return `| ${cells.join(" | ")} |`;
}
