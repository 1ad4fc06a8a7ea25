import { connect } from "node:net";

/** What a TCP connection that was tried came to. */
export type Knock = "open" | "refused" | "silent";

/** Tries to open a TCP connection from this machine and closes it at once. */
export const knock = (host: string, port: number, patienceSec: number): Promise<Knock> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patienceSec * 1_000 });
    const answer = (state: Knock) => {
      socket.destroy();
      resolve(state);
    };
    socket.once("connect", () => answer("open"));
    socket.once("error", () => answer("refused"));
    socket.once("timeout", () => answer("silent"));
  });
