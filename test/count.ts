/** A failed test or check, and its message. */
export interface Failure {
  readonly title: string;
  readonly reason: string;
}

/** Number of passed tests, and the failed ones. */
export interface Count {
  readonly passed: number;
  readonly failures: readonly Failure[];
}

/** Result of a check or a test file. */
export interface Result extends Count {
  readonly name: string;
  readonly seconds: number;
}

export const sum = (counts: readonly Count[]): Count => ({
  passed: counts.reduce((total, { passed }) => total + passed, 0),
  failures: counts.flatMap(({ failures }) => failures),
});

export const show = ({ passed, failures }: Count): string => `${passed} passed, ${failures.length} failed`;

/** Measures the time of a check or a test file. */
export async function timed(name: string, work: () => Promise<Count>): Promise<Result> {
  const began = performance.now();
  const count = await work();
  return { name, seconds: (performance.now() - began) / 1000, ...count };
}

/** Maximum number of lines of a reason; the full reason is printed above. */
const LINES = 20;

/** Summary of a run: times, slowest first, failures with reasons, and the count. */
export function summary(results: readonly Result[]): string {
  const times = results
    .toSorted((a, b) => b.seconds - a.seconds)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`);
  const count = sum(results);
  const failed = count.failures.map(({ title, reason }) =>
    [`✘ ${title}`, ...reason.split("\n").slice(0, LINES)].join("\n    "),
  );
  return ["", ...times, "", ...failed, show(count)].join("\n");
}
