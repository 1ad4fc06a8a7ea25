import { TASKS, type Task } from "./subjects.ts";

export interface Results {
  readonly timings: {
    readonly subject: string;
    readonly size: number;
    readonly task: Task;
    readonly seconds: number;
  }[];
  /** Whether each run succeeded and left nothing on the engine. */
  readonly endings: { readonly subject: string; readonly size: number; readonly clean: boolean }[];
}

/** A Markdown table of median times. */
export function report({ timings, endings }: Results, sizes: readonly number[]): string {
  const time = (subject: string, size: number, task: Task) =>
    median(timings.filter((t) => t.subject === subject && t.size === size && t.task === task).map((t) => t.seconds));
  const ends = (subject: string, size: number) =>
    cleanliness(endings.filter((end) => end.subject === subject && end.size === size));
  const subjects = ["pulumi", "compose", "docker"];

  const rows = sizes.flatMap((size) => [
    ...TASKS.map((task) => {
      const [own, other, raw] = subjects.map((subject) => time(subject, size, task));
      return [size, task, seconds(own), seconds(other), seconds(raw), ratio(own, other), ratio(own, raw)];
    }),
    [size, "clean after down", ...subjects.map((subject) => ends(subject, size)), "", ""],
  ]);
  const columns = ["N", "task", "Pulumi", "Compose", "docker", "Pulumi / Compose", "Pulumi / docker"];

  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  const [first = 0, last = 0] = [small, large].map((size) => time("pulumi", size, "preview"));
  const growth = (last - first) / (large - small);
  return [
    "N containers on one network; seconds, medians",
    "",
    ...table(columns, rows),
    ...(small < large ? ["", `A preview takes ${growth.toFixed(3)} s more for each container.`] : []),
  ].join("\n");
}

export const cleanliness = (endings: Results["endings"]): string =>
  `${endings.filter(({ clean }) => clean).length}/${endings.length}`;

/** A Markdown table. All columns are right-aligned numbers, except that of the word `task`. */
export function table(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const alignment = columns.map((column) => (column === "task" ? "---" : "---:"));
  return [columns, alignment, ...rows].map((row) => `| ${row.join(" | ")} |`);
}

export const seconds = (value?: number) => value?.toFixed(2) ?? "";
export const ratio = (a?: number, b?: number) => (a !== undefined && b !== undefined ? (a / b).toFixed(2) : "");

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
