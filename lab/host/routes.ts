import type { HostSession } from "./session.ts";

/** The route that a packet to an address takes, as ip-route(8) shows it; undefined where none leads there. */
export async function routeTo(session: HostSession, address: string): Promise<string | undefined> {
  const printed = await session.read(["ip", "-o", "route", "get", address]);
  return printed?.replace(/ uid.*| *\\.*$/g, "").trim();
}

/** The default route of a host; undefined without one. */
export const defaultRoute = async (session: HostSession): Promise<string | undefined> =>
  (await session.read(["ip", "-o", "route", "show", "default"])) || undefined;

/** The routes of a host, or of the network namespace that a command enters. */
export const routesOf = async (session: HostSession, enter: readonly string[] = []): Promise<string[]> =>
  ((await session.read([...enter, "ip", "-o", "route", "show"])) ?? "").split("\n").filter((line) => line !== "");
