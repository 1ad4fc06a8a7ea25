import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as z from "zod";
import { PROJECT } from "../../toolchain/environment.ts";
import { keptIn } from "../kept.ts";
import { ENGINES } from "./engines.ts";
import type { Each, Whole } from "./look.ts";
import { FIT, type Row, UNFIT } from "./rows.ts";

/** Result of a row, and its time. */
export interface Result extends Row {
  /** ISO 8601. */
  readonly at: string;
  readonly look: z.infer<typeof Whole> | z.infer<typeof Each>;
}

const DOCS = join(PROJECT, "docs", "compatibility.md");
/** Last result of every row that was run in this checkout. */
const { all: kept, keep } = keptIn<Result>("matrix.json");

export { keep };

/** Whether all checks pass on an engine, or exactly the labs that the doctor names fail. */
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

\`npm run matrix\` brings up every lab on engines of four generations, one after the other, each in its own namespaces on one
machine (\`test/world.sh\`), and writes these tables; \`npm run matrix -- --list\` lists the rows. It needs root and a few minutes
per row. Written from runs of ${days}, with the source-built CLI and providers.

All labs of \`practice\`, with Debian 12 practice nodes whose own engines are 20.10.24, which the cluster store needs. Green
means: the doctor reports no problem, \`up\` succeeds, every check passes, a second preview with a refresh shows no
change, \`lab explain\` reports no fault, and \`destroy\` leaves nothing behind.

| engine | from | \`daemon.json\` | API | image store | firewall | result |
|---|---|---|---|---|---|---|
${fit}

## Engine settings that make labs fail

\`lab doctor\` names them before the first \`up\`, and \`lab explain\` names them as the cause of a failed check. Each lab was brought up
separately: those that the doctor names must fail, and all others must be green. An engine with \`iptables\`, \`ip-masq\` or
\`bridge\` off cannot build images, so the doctor also names the labs whose images are missing. In these runs 29.1.3 started without
images, and 20.10.24 with this machine's.

| engine | from | \`daemon.json\` | the doctor names | labs that fail | result |
|---|---|---|---|---|---|
${unfit}

## Plugins

The tables were produced with the source-built docker provider. It uses the engine's API 1.41, or up to 1.44 if the engine
accepts nothing older (\`min-api-version\`); [its README](../toolchain/go/docker/README.md) lists what else it lacks. The official
plugins negotiate the version with the engine. A machine that reaches only package registries cannot download them, so they are
not in this table. The same command tests them on a machine that has them: it uses the plugins that the set-up has found.

## Systems

Set-up and labs were tested on Debian 12, amd64, with cgroup v1. Docker Desktop keeps its networks in a virtual machine, so labs
that look at interfaces of the host fail there; the doctor reports that.
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
