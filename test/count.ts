/** A test or a check that failed, and what it said. */
export interface Failure {
  readonly title: string;
  readonly reason: string;
}

/** How many tests passed, and which failed. */
export interface Count {
  readonly passed: number;
  readonly failures: readonly Failure[];
}

/** What a check or a file of tests came to. */
export interface Result extends Count {
  readonly name: string;
  readonly seconds: number;
}

export const sum = (counts: readonly Count[]): Count => ({
  passed: counts.reduce((total, { passed }) => total + passed, 0),
  failures: counts.flatMap(({ failures }) => failures),
});

export const show = ({ passed, failures }: Count): string => `${passed} passed, ${failures.length} failed`;

/** Takes the time of a check or of a file of tests. */
export async function timed(name: string, work: () => Promise<Count>): Promise<Result> {
  const began = performance.now();
  const count = await work();
  return { name, seconds: (performance.now() - began) / 1000, ...count };
}

/** Of a reason, which stands above in full. */
const LINES = 20;

/** The end of a run: where its time went, the slowest first, what failed and why, and the count. */
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
