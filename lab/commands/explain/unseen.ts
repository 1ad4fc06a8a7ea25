import type { EnvironmentHost } from "../../faults/context.ts";
import { namespacesOn } from "../../host/interfaces.ts";
import { needsRoot } from "../../host/netnsExec.ts";

/** A row that lists what a user other than root cannot inspect on a host; none for root. */
export async function unseenRows({ session }: Pick<EnvironmentHost, "session">): Promise<string[][]> {
  if (!needsRoot(session)) return [];
  const namespaces = (await namespacesOn(session)).length > 0 ? " and the network namespaces" : "";
  return [["not probed", `the firewall's rules${namespaces}: needs root`]];
}
