import { type FactScript, type Facts, readFacts, shellScript } from "../facts.ts";
import type { HostSession } from "../session.ts";
import { readIptables } from "./iptables.ts";
import { readNftables } from "./nftables.ts";
import type { Firewall } from "./rules.ts";

/** Script that lists the firewall rules of a host; {@link readFirewall} reads its output. */
export const FIREWALL_FACTS: FactScript = { script: new URL("read.sh", import.meta.url), call: "firewall" };

/** Reads the output of read.sh; undefined if only root can list the rules. */
export function readFirewall(facts: Facts): Firewall | undefined {
  const version = facts.get("iptables");
  if (version === undefined) return undefined;
  const used = version.includes("nf_tables") ? "nft" : "legacy";
  const both = (["nft", "legacy"] as const).map((backend) =>
    readIptables(facts.all(`rules.${backend}`), backend, backend === used ? "iptables" : `iptables-${backend}`),
  );
  // nftables also lists the rules of iptables-nft.
  const listed = facts.all("rules.nft").flatMap((line) => (line.startsWith("*") ? [`ip ${line.slice(1)}`] : []));
  const native = readNftables(facts.get("rules.nftables") || "{}", listed);
  return {
    chains: [...both, native].flatMap(({ chains }) => chains),
    rules: [...both, native].flatMap(({ rules }) => rules),
    hasNftables: facts.get("rules.nftables") !== undefined,
  };
}

/** Returns all rules of a host; undefined without permission to list them. */
export async function firewallOf(session: HostSession): Promise<Firewall | undefined> {
  const printed = await session.read(["sh", "-c", shellScript([FIREWALL_FACTS])]);
  return printed === undefined ? undefined : readFirewall(readFacts(printed));
}
