import { isAddress } from "../../components/lib/cidr.ts";
import type { Source, Target } from "../../stacks/checks.ts";
import { type Context, environmentHost, type Fault } from "../faults/context.ts";
import { firewallFaults, type Traffic } from "../faults/packet.ts";
import { portFaults } from "../faults/port.ts";
import { endOf } from "./participants.ts";

/** Packets that a check sends. */
interface Packets extends Pick<Traffic, "protocol" | "failure"> {
  readonly from: Source;
  readonly to: Target;
  /** Destination TCP port. */
  readonly port?: number;
}

/** Returns what blocks packets or lets unwanted ones through: firewall rules, and faults of the published port. */
export async function packetFaults(context: Context, { from, to, port, protocol, failure }: Packets): Promise<Fault[]> {
  const host = environmentHost(context, typeof from === "object" && "on" in from ? from.on : undefined);
  const containers = [...endOf(from), ...endOf(to)]
    .filter(({ kind, on }) => kind === "container" && on === host.on)
    .map(({ name }) => name);
  const address = "address" in to ? to : undefined;
  const addresses = address && isAddress(address.address) ? [address.address] : [];
  const own = from === "host" || "gateway" in to;
  const found = await Promise.all([
    firewallFaults(host, { containers, addresses, protocol, port, failure, own }),
    from === "host" && address?.of === undefined && port !== undefined ? portFaults(context, port) : [],
  ]);
  return found.flat();
}
