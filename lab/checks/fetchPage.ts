import { PATIENCE_SEC } from "./from.ts";

/** How long a visit may wait for its turn among many. */
const VISIT_MS = 5 * PATIENCE_SEC * 1_000;

/**
 * The body of a 200 answer. Each visit has a connection of its own: one that is kept from an earlier visit may be closed
 * by the server at the moment that it is used again.
 */
export const fetchPage = (url: string, signal: AbortSignal): Promise<string | undefined> =>
  fetch(url, { headers: { connection: "close" }, signal: AbortSignal.any([signal, AbortSignal.timeout(VISIT_MS)]) })
    .then((response) => (response.ok ? response.text() : undefined))
    .catch(() => undefined);
