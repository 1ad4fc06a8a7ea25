import { request } from "node:http";

/**
 * How a socket answered, asked without the docker command.
 *
 * - `answers`: something is there, whether it likes the question or not
 * - `hangs`: it takes connections and says nothing
 * - `denied`: this user may not connect to it
 * - `absent`: there is no socket, or nothing listens on it
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

/** Asks the engine at a path of the file system for a sign of life (GET /_ping of the Engine API). */
export const askSocket = (socketPath: string, timeoutMs: number): Promise<SocketState> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: "/_ping", signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.resume();
      resolve("answers");
    });
    asked.on("error", (error: NodeJS.ErrnoException) => {
      // What is no HTTP is an answer, too.
      resolve(error.name === "AbortError" ? "hangs" : (STATES[error.code ?? ""] ?? "answers"));
    });
    asked.end();
  });
