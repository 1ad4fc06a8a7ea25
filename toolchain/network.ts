import { attempt } from "./run.ts";

/**
 * Requests a URL through the user's proxy, as downloads do. A new process, because Node.js reads the proxy variables
 * only at start.
 */
const ASK =
  "fetch(process.argv[1], { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).catch(() => process.exit(1))";

/** Whether a URL answers within 5 seconds, with any status. */
export const answers = async (url: string): Promise<boolean> =>
  (await attempt(process.execPath, ["-e", ASK, url], { env: { NODE_USE_ENV_PROXY: "1" }, timeoutMs: 10_000 })) !==
  undefined;
