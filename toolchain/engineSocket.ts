import { request } from "node:http";

/**
 * The result of a request to a socket, without the docker command.
 *
 * - `answers`: a process responded, possibly with an error
 * - `hangs`: it accepts connections but does not respond
 * - `denied`: this user may not connect
 * - `absent`: the socket does not exist, or no process listens on it
 */
export type SocketState = "answers" | "hangs" | "denied" | "absent";

const STATES: Readonly<Record<string, SocketState>> = {
  ENOENT: "absent",
  ENOTDIR: "absent",
  ECONNREFUSED: "absent",
  EACCES: "denied",
  EPERM: "denied",
  ETIMEDOUT: "hangs",
};

/** Pings the engine at a Unix socket (GET /_ping of the Engine API). */
export const askSocket = (socketPath: string, timeoutMs: number): Promise<SocketState> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: "/_ping", signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.resume();
      resolve("answers");
    });
    asked.on("error", (error: NodeJS.ErrnoException) => {
      // A response that is not HTTP is an answer, too.
      resolve(error.name === "AbortError" ? "hangs" : (STATES[error.code ?? ""] ?? "answers"));
    });
    asked.end();
  });
