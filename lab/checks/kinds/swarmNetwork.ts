import * as z from "zod";
import { ProbeError } from "../../host/probeError.ts";
import { readJson } from "../../host/readJson.ts";
import type { HostSessions } from "../../host/session.ts";
import type { ProbeResult } from "../from.ts";
import type { CheckKind, CheckOf } from "../kind.ts";
import { host, network } from "../participants.ts";

export default {
  how: "a manager is asked for the network: its scope must be the swarm, and its block and settings those of the lab",
  mayBe: "a network that was removed by hand, or made again with other settings",
  probe,
  participants: ({ on, ...check }) => [network(check.network, on), host(on)],
  marks: ({ on, ...check }, find) => ({ nodes: [find.node("network", check.network, on)] }),
} satisfies CheckKind<"swarmNetwork">;

const Inspected = z.array(
  z.object({
    Scope: z.string(),
    Attachable: z.boolean(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string() })).nullable() }),
  }),
);

/** What the check says of a network that the managers do not have. */
export const noNetwork = (network: string): string => `there is no network ${network}`;

/** Whether the managers of a swarm keep a network, and as what. */
async function probe(check: CheckOf<"swarmNetwork">, sessions: HostSessions): Promise<ProbeResult> {
  const { on, network, expect } = check;
  const { ok, text } = await sessions(on).say(["docker", "network", "inspect", network]);
  if (!ok && /no such network|not found/i.test(text)) return { passed: false, actual: noNetwork(network) };
  if (!ok) throw new ProbeError(`the manager does not answer: ${text.split("\n").at(-1)}`);
  const [found] = readJson(Inspected, text, "docker network inspect");
  if (!found) return { passed: false, actual: noNetwork(network) };
  const subnet = (found.IPAM.Config ?? []).map(({ Subnet }) => Subnet).join(", ");
  const passed = found.Scope === "swarm" && found.Attachable === expect.attachable && subnet === expect.subnet;
  const actual = `scope ${found.Scope}, ${found.Attachable ? "attachable" : "for tasks only"}, block ${subnet || "none"}`;
  return { passed, actual };
}
