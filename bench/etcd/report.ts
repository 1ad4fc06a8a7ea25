import { median, ratio, seconds, table } from "../report.ts";

/** Duration of what a subject did, once. */
export interface Timing {
  readonly subject: string;
  readonly seconds: number;
}

const medianOf = (timings: readonly Timing[], subject: string) =>
  median(timings.filter((each) => each.subject === subject).map((each) => each.seconds));

/** A Markdown table of median times; the ratios are those to the other subjects. */
export function etcdReport(title: string, timings: readonly Timing[], own: string, others: readonly string[]): string {
  const time = medianOf(timings, own);
  const rows = [own, ...others].map((subject) => {
    const other = medianOf(timings, subject);
    return [subject, seconds(other), subject === own ? "" : ratio(time, other)];
  });
  return [`${title}; seconds, medians`, "", ...table(["task", "time", `${own} / it`], rows)].join("\n");
}
