import type { EnvironmentHost } from "../../faults/context.ts";
import { pingAnswer, pingCommand } from "../../host/ping.ts";
import { probeTcp } from "../../host/probeTcp.ts";

/** Timeout of a probe. */
const PATIENCE_SEC = 2;

/** Results of ping and of a TCP connection to an address, and what the two mean together. */
const MEANINGS: Readonly<Record<string, string>> = {
  "reply open": "the host is reachable, the port is open",
  "reply refused": "the host is reachable, the port is closed",
  "reply silent": "the host is reachable, packets to the port are dropped",
  "silence open": "the service is there; echo requests are not answered",
  "silence refused": "something answers for that address, and refuses the connection",
  "silence silent": "nothing answers: there is no such host, no way to it or back, or everything is dropped",
};

/** Pings from a host, or from the namespace that `enter` enters. */
export const pinged = async (
  { session }: EnvironmentHost,
  address: string,
  enter: readonly string[] = [],
): Promise<string> => {
  const said = await session.say([...enter, ...pingCommand(address, PATIENCE_SEC)]);
  return pingAnswer(said) ?? `not sent (${said.text.split("\n").at(-1)})`;
};

/** Probes an address from this host; returns one row per result. */
export async function reached(host: EnvironmentHost, address: string, port: number): Promise<string[][]> {
  const [ping, tcp] = await Promise.all([pinged(host, address), probeTcp(address, port, PATIENCE_SEC)]);
  return [
    ["ping", ping],
    [`tcp ${port}`, tcp],
    ["meaning", MEANINGS[`${ping} ${tcp}`] ?? ""],
  ];
}
