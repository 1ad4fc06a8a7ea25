import { connect } from "node:net";

/** Response of a host to a connection: the server's banner, or why there is none. */
export type SshBanner =
  | { readonly kind: "banner"; readonly line: string }
  | { readonly kind: "refused" | "silent" | "mute" | "closed" | "unreachable" };

/** Connects to a port and waits for the first line of its server. Each of the two may take `patienceSec` seconds. */
export const readSshBanner = (host: string, port: number, patienceSec: number): Promise<SshBanner> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    let connected = false;
    let text = "";
    const answer = (banner: SshBanner) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(banner);
    };
    const wait = () => setTimeout(() => answer({ kind: connected ? "mute" : "silent" }), patienceSec * 1_000);
    let timer = wait();
    socket.once("connect", () => {
      connected = true;
      clearTimeout(timer);
      timer = wait();
    });
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (text.includes("\n")) answer({ kind: "banner", line: text.split("\n")[0]?.trim() ?? "" });
    });
    socket.once("close", () => answer({ kind: "closed" }));
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      const refused = code === "ECONNREFUSED";
      answer({ kind: refused ? "refused" : connected ? "closed" : code === "ETIMEDOUT" ? "silent" : "unreachable" });
    });
  });
