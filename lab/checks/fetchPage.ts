import { PATIENCE_SEC } from "./from.ts";

/** Timeout of a request to a page that has to ask its back end first. */
export const PAGE_MS = 2 * PATIENCE_SEC * 1_000;

/**
 * Returns the body of a 2xx response, otherwise undefined, also after the timeout, in ms. Opens a new connection for each request: the server may
 * close a kept-alive connection just when it is reused.
 */
export const fetchPage = (url: string, signal: AbortSignal, timeoutMs = PAGE_MS): Promise<string | undefined> =>
  fetch(url, { headers: { connection: "close" }, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) })
    .then((response) => (response.ok ? response.text() : undefined))
    .catch(() => undefined);
