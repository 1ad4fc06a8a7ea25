import { attempt } from "./run.ts";

/** Asks for a web address through the user's proxy, as downloads do; Node.js reads its variables only when it starts. */
const ASK =
  "fetch(process.argv[1], { method: 'HEAD', signal: AbortSignal.timeout(5_000) }).catch(() => process.exit(1))";

/** Whether a web address answers at all within a few seconds. */
export const answers = async (url: string): Promise<boolean> =>
  (await attempt(process.execPath, ["-e", ASK, url], { env: { NODE_USE_ENV_PROXY: "1" }, timeoutMs: 10_000 })) !==
  undefined;
