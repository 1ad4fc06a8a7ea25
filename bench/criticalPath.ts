/** A resource as one `pulumi up` made it, with times in seconds since the command was called. */
export interface Span {
  readonly urn: string;
  readonly start: number;
  readonly end: number;
  /** URNs of what must be there first: what its inputs come from, its provider, its parent. */
  readonly after: readonly string[];
}

/** A step on the critical path. The times of all steps, waits included, add up to when the last one was done. */
export interface Step {
  readonly urn: string;
  /** Between the end of the step before it and its own start: Pulumi's own work, or what else it was waiting for. */
  readonly waited: number;
  readonly took: number;
}

/** The longest chain: back from what was done last, always to that among what it needs which was done last. */
export function criticalPath(spans: readonly Span[]): Step[] {
  const known = new Map(spans.map((span) => [span.urn, span]));
  const chain: Span[] = [];
  let span = latest(spans);
  while (span) {
    chain.unshift(span);
    const { start, after } = span;
    // A parent is done after its children, so it is nothing that they have waited for.
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
