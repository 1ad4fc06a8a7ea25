import { median, ratio, seconds, table } from "../report.ts";
import { TASKS, type Task } from "./subjects.ts";
import { REPLICAS } from "./workload.ts";

/** Duration of one task of a subject, with this number of tasks of all services. */
export interface Timing {
  readonly subject: string;
  readonly size: number;
  readonly task: Task;
  readonly seconds: number;
}

const SUBJECTS = ["pulumi", "stack", "service"];

/** Markdown tables of median times, and of what each further task of a service takes. */
export function swarmReport(timings: readonly Timing[], sizes: readonly number[]): string {
  const time = (subject: string, size: number, task: Task) =>
    median(timings.filter((t) => t.subject === subject && t.size === size && t.task === task).map((t) => t.seconds));
  const rows = sizes.flatMap((size) =>
    TASKS.map((task) => {
      const [own, other, raw] = SUBJECTS.map((subject) => time(subject, size, task));
      return [size, task, seconds(own), seconds(other), seconds(raw), ratio(own, other), ratio(own, raw)];
    }),
  );
  const columns = ["N", "task", "Pulumi", "stack deploy", "service create", "Pulumi / stack", "Pulumi / service"];
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  /** Milliseconds for each task of a service beyond those of the smallest size. */
  const further = (subject: string, task: Task) => {
    const [first, last] = [small, large].map((size) => time(subject, size, task));
    return first === undefined || last === undefined ? "" : ((1000 * (last - first)) / (large - small)).toFixed(0);
  };
  const growth = TASKS.map((task) => [task, ...SUBJECTS.map((subject) => further(subject, task))]);
  return [
    `N tasks of N/${REPLICAS} services; seconds, medians`,
    "",
    ...table(columns, rows),
    ...(small < large
      ? [
          "",
          `Milliseconds for each further task, from ${small} to ${large}`,
          "",
          ...table(["task", ...columns.slice(2, 5)], growth),
        ]
      : []),
  ].join("\n");
}
