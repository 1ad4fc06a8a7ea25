import type { Source } from "../../../stacks/checks.ts";
import { environmentHost } from "../../faults/context.ts";
import { listenerFaults } from "../../faults/packet.ts";
import { ProbeError } from "../../host/probeError.ts";
import { probeTcp, type TcpAnswer } from "../../host/probeTcp.ts";
import type { HostSessions } from "../../host/session.ts";
import { addressOf, PATIENCE_SEC, type ProbeResult, runFrom } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { packetFaults } from "../packets.ts";
import { endOf } from "../participants.ts";

export default {
  how: "a TCP connection is opened: open, refused (the host is up, the port is closed) or silent (nothing comes back)",
  mayBe: "a service that does not run, one that listens elsewhere, or no way there",
  probe,
  participants: ({ from, to }) => [...endOf(from), ...endOf(to)],
  causes: async ({ from, to, port, expect }, context) => {
    const isClosed = expect === "closed";
    const lost = packetFaults(context, { from, to, port, protocol: "tcp", failure: isClosed ? "arrived" : "lost" });
    const host = environmentHost(context, typeof from === "object" && "on" in from ? from.on : undefined);
    const holder = isClosed && "address" in to ? to.of : undefined;
    return [...(await lost), ...(holder === undefined ? [] : await listenerFaults(host, holder, port))];
  },
  marks: ({ from, to, port, expect }, find) => ({
    nodes: [find.end(from), find.end(to, port)],
    ...(expect === "open" && { links: "route" }),
  }),
} satisfies CheckKind<"tcp">;

/** Checks whether a service accepts connections. */
async function probe({ from, to, port, expect }: CheckOf<"tcp">, sessions: HostSessions): Promise<ProbeResult> {
  const address = await addressOf(sessions, to);
  const state =
    from === "host" ? await probeTcp(address, port, PATIENCE_SEC) : await probeTcpFrom(sessions, from, address, port);
  return { passed: (state === "open") === (expect === "open"), actual: `${address}:${port} ${state}` };
}

/**
 * Same as {@link probeTcp} from another place, using bash, whose redirections open connections (bash(1), REDIRECTION).
 */
async function probeTcpFrom(
  sessions: HostSessions,
  from: Exclude<Source, "host">,
  host: string,
  port: number,
): Promise<TcpAnswer> {
  const script = `timeout ${PATIENCE_SEC} bash -c '</dev/tcp/$0/$1' "$0" "$1" 2>/dev/null; echo $?`;
  const code = await runFrom(sessions, from, ["sh", "-c", script, host, String(port)]);
  if (code === undefined) throw new ProbeError("no shell runs there");
  return code === "0" ? "open" : code === "124" ? "silent" : "refused";
}
