import { keptIn } from "../kept.ts";
import type { Operation } from "./historyClients.ts";

/** What clients of the cluster saw while something was done to it. */
export interface Phase {
  readonly title: string;
  readonly seconds: number;
  /** Operations with an answer. */
  readonly answered: number;
  /** Writes without an answer: they may have happened. */
  readonly unanswered: number;
  /** The longest time without an acknowledged write, in seconds. */
  readonly longestSec: number;
}

/** A recorded history of the cluster, and the verdict on it. */
export interface HistoryResult {
  readonly id: string;
  /** Start of the run (ISO 8601). */
  readonly at: string;
  /** Time for all of it, from the creation of the nodes on. */
  readonly seconds: number;
  readonly phases: readonly Phase[];
  readonly verdict: "linearizable" | "not linearizable" | "undecided";
  /** Time that the verdict took, in seconds. */
  readonly checkSec: number;
  /** Number of stale reads in the control. */
  readonly stale: number;
  /** The verdict on the same history with the stale reads, which must be another one. */
  readonly control: HistoryResult["verdict"];
  /** Problems of the environment afterwards: failed checks, a preview with changes. */
  readonly problems: readonly string[];
}

/** The last result of this checkout. */
export const { all: keptHistories, keep: keepHistory } = keptIn<HistoryResult>("history.json");

/** A phase between two times (`performance.now()`). */
export function phaseOf(title: string, operations: readonly Operation[], beganMs: number, endedMs: number): Phase {
  const [began, ended] = [beganMs * 1e6, endedMs * 1e6];
  const during = operations.filter(({ call, return: end = call }) => end >= began && end < ended);
  const written = during.filter(({ kind, swapped, return: end }) => end && (kind === "put" || swapped));
  const times = [began, ...written.map(({ return: end = 0 }) => end).sort((a, b) => a - b), ended];
  const longest = times.reduce((most, time, index) => Math.max(most, time - (times[index - 1] ?? began)), 0);
  return {
    title,
    seconds: (ended - began) / 1e9,
    answered: during.filter(({ return: end }) => end !== undefined).length,
    unanswered: during.filter(({ return: end }) => end === undefined).length,
    longestSec: longest / 1e9,
  };
}

/** Why a result is none to be content with; empty if it is. */
export const historyProblems = ({ verdict, control, stale, phases, problems }: HistoryResult): string[] => [
  ...(verdict === "linearizable" ? [] : [`the history is ${verdict}: see .dockernet/history/history.html`]),
  ...(control === "not linearizable"
    ? []
    : [`the history with ${stale} stale reads is ${control}, so the check proves nothing`]),
  ...phases
    .filter(({ answered }) => answered < 100)
    .map(({ title, answered }) => `${title}: only ${answered} operations`),
  ...problems,
];

const TITLE = "## Linearizability of etcd";

/** The section of docs/faults.md: of the last run in this checkout, otherwise as the page has it. */
export function historySection(page: string, [last]: readonly HistoryResult[] = keptHistories()): string {
  const before = new RegExp(`^${TITLE}\n[\\s\\S]*?(?=^## |(?![\\s\\S]))`, "m").exec(page)?.[0].trim();
  return last ? section(last) : (before ?? `${TITLE}\n\nNot run yet: \`npm run faults -- --history\`.`);
}

function section({ at, seconds, phases, stale, verdict, control, checkSec }: HistoryResult): string {
  const sum = (of: (phase: Phase) => number) => phases.reduce((total, phase) => total + of(phase), 0);
  const rows = phases.map(
    (each) =>
      `| ${each.title} | ${each.seconds.toFixed(0)} | ${each.answered} | ${each.unanswered} | ${each.longestSec.toFixed(1)} |`,
  );
  return `${TITLE}

\`npm run faults -- --history\` lets six clients, two for each of three members, write, read, and compare and swap eight keys (v3 API)
while members are lost, cut off and replaced. [porcupine](https://github.com/anishathalye/porcupine) then looks for one order of all
operations that explains every answer: each operation takes effect at a moment between its call and its answer, and a write without an
answer at any moment after its call, or never. As a control, serializable reads of the leader that was cut off, which may be
stale, are added as if the cluster had answered them; that history must be rejected.

On ${at.slice(0, 10)}: ${sum(({ answered }) => answered)} operations with an answer and ${sum(({ unanswered }) => unanswered)} writes without one are **${verdict}**, found in ${checkSec.toFixed(1)} s.
With ${stale} stale reads more they are ${control}. The run took ${seconds.toFixed(0)} s.

| while | seconds | answered | writes without an answer | longest time without an acknowledged write, in s |
|---|---|---|---|---|
${rows.join("\n")}`;
}
