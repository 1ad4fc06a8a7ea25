import { type FactScript, type Facts, readFacts, shellScript } from "../facts.ts";
import type { HostSession } from "../session.ts";
import { readIptables } from "./iptables.ts";
import { readNftables } from "./nftables.ts";
import type { Firewall } from "./rules.ts";

/** The look at the rules among the looks at a host; {@link readFirewall} reads what it prints. */
export const FIREWALL_FACTS: FactScript = { script: new URL("read.sh", import.meta.url), call: "firewall" };

/** The rules in what read.sh has printed; undefined where only root can list them. */
export function readFirewall(facts: Facts): Firewall | undefined {
  const version = facts.get("iptables");
  if (version === undefined) return undefined;
  const used = version.includes("nf_tables") ? "nft" : "legacy";
  const both = (["nft", "legacy"] as const).map((backend) =>
    readIptables(facts.all(`rules.${backend}`), backend, backend === used ? "iptables" : `iptables-${backend}`),
  );
  // What iptables-nft lists is in nftables, too.
  const listed = facts.all("rules.nft").flatMap((line) => (line.startsWith("*") ? [`ip ${line.slice(1)}`] : []));
  const native = readNftables(facts.get("rules.nftables") || "{}", listed);
  return {
    chains: [...both, native].flatMap(({ chains }) => chains),
    rules: [...both, native].flatMap(({ rules }) => rules),
    hasNftables: facts.get("rules.nftables") !== undefined,
  };
}

/** All rules of a host; undefined without the right to see them. */
export async function firewallOf(session: HostSession): Promise<Firewall | undefined> {
  const printed = await session.read(["sh", "-c", shellScript([FIREWALL_FACTS])]);
  return printed === undefined ? undefined : readFirewall(readFacts(printed));
}
