import type { EnvironmentHost } from "../../faults/context.ts";
import { namespacesOn } from "../../host/interfaces.ts";
import { needsRoot } from "../../host/netnsExec.ts";

/** A row of what may be wrong on a host and cannot be looked at by a user who is not root; none for root. */
export async function unseenRows({ session }: Pick<EnvironmentHost, "session">): Promise<string[][]> {
  if (!needsRoot(session)) return [];
  const namespaces = (await namespacesOn(session)).length > 0 ? " and the network namespaces" : "";
  return [["not probed", `the firewall's rules${namespaces}: needs root`]];
}
