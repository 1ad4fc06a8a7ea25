import type { HostSession } from "./session.ts";

/** Returns the route of packets to an address, in the format of ip-route(8); undefined if there is none. */
export async function routeTo(session: HostSession, address: string): Promise<string | undefined> {
  const printed = await session.read(["ip", "-o", "route", "get", address]);
  return printed?.replace(/ uid.*| *\\.*$/g, "").trim();
}

/** Returns the default route of a host; undefined if there is none. */
export const defaultRoute = async (session: HostSession): Promise<string | undefined> =>
  (await session.read(["ip", "-o", "route", "show", "default"])) || undefined;

/** Returns the routes of a host, or of the network namespace that `enter` enters. */
export const routesOf = async (session: HostSession, enter: readonly string[] = []): Promise<string[]> =>
  ((await session.read([...enter, "ip", "-o", "route", "show"])) ?? "").split("\n").filter((line) => line !== "");
