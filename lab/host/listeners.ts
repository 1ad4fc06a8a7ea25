import type { HostSession } from "./session.ts";

/** Returns the listeners on a TCP port in a network namespace, by default the host's: `program (process N)`. */
export async function listeners(session: HostSession, port: number, enter: readonly string[] = []): Promise<string[]> {
  const command = ["ss", "--listening", "--tcp", "--numeric", "--no-header", "--processes", `sport = :${port}`];
  const lines = ((await session.read([...enter, ...command])) ?? "").split("\n").filter((line) => line !== "");
  const found = lines.map((line) => {
    const [, program, pid] = /\(\("([^"]+)",pid=(\d+)/.exec(line) ?? [];
    return program ? `${program} (process ${pid})` : "a process that only root can see";
  });
  return [...new Set(found)];
}
