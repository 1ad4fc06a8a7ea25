/** A resource created by one `pulumi up`, with times in seconds since the command started. */
export interface Span {
  readonly urn: string;
  readonly start: number;
  readonly end: number;
  /** URNs of its dependencies: sources of its inputs, its provider, and those of its parent. */
  readonly after: readonly string[];
}

/** A step on the critical path. The times of all steps, including waits, add up to the end of the last one. */
export interface Step {
  readonly urn: string;
  /** Time between the end of the previous step and its own start: Pulumi's own work, or other waits. */
  readonly waited: number;
  readonly took: number;
}

/** The longest chain: from the last resource backwards, always to the dependency that finished last. */
export function criticalPath(spans: readonly Span[]): Step[] {
  const known = new Map(spans.map((span) => [span.urn, span]));
  const chain: Span[] = [];
  let span = latest(spans);
  while (span) {
    chain.unshift(span);
    const { start, after } = span;
    span = latest(after.flatMap((urn) => known.get(urn) ?? []).filter(({ end }) => end <= start));
  }
  return chain.map(({ urn, start, end }, index) => ({
    urn,
    waited: start - (chain[index - 1]?.end ?? 0),
    took: end - start,
  }));
}

const latest = (spans: readonly Span[]): Span | undefined =>
  spans.reduce<Span | undefined>((last, span) => (last && last.end >= span.end ? last : span), undefined);
