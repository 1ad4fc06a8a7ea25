import { connect } from "node:net";

/** Result of a TCP connection attempt. */
export type TcpAnswer = "open" | "refused" | "silent";

/** Tries to open a TCP connection from this host and closes it at once. */
export const probeTcp = (host: string, port: number, patienceSec: number): Promise<TcpAnswer> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patienceSec * 1_000 });
    const answer = (state: TcpAnswer) => {
      socket.destroy();
      resolve(state);
    };
    socket.once("connect", () => answer("open"));
    socket.once("error", () => answer("refused"));
    socket.once("timeout", () => answer("silent"));
  });
