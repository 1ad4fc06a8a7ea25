import { PATIENCE_SEC } from "./from.ts";

/** Timeout of a request, which may have to queue behind many others. */
const VISIT_MS = 5 * PATIENCE_SEC * 1_000;

/**
 * Returns the body of a 2xx response, otherwise undefined. Opens a new connection for each request: the server may
 * close a kept-alive connection just when it is reused.
 */
export const fetchPage = (url: string, signal: AbortSignal): Promise<string | undefined> =>
  fetch(url, { headers: { connection: "close" }, signal: AbortSignal.any([signal, AbortSignal.timeout(VISIT_MS)]) })
    .then((response) => (response.ok ? response.text() : undefined))
    .catch(() => undefined);
