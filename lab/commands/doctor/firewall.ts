import { engineInfo } from "../../host/engineInfo.ts";
import { type EngineSettings, readEngineSettings, restartOf, settingOf } from "../../host/engineSettings.ts";
import type { Facts } from "../../host/facts.ts";
import { dropping, foreignRules, isEngines } from "../../host/firewall/foreignRules.ts";
import { lostBy, lostInWords } from "../../host/firewall/needed.ts";
import { readFirewall } from "../../host/firewall/read.ts";
import type { Backend, Firewall } from "../../host/firewall/rules.ts";
import { type Packets, waysIn } from "../../host/firewall/ways.ts";
import type { Network } from "../../host/networks.ts";
import type { Judgement } from "./finding.ts";

const id = "firewall";

/** Whether the engine's rules exist and no other rule blocks its packets. Only root can list rules. */
export function judgeFirewall(facts: Facts): Judgement[] {
  const firewall = readFirewall(facts);
  if (!firewall) return [{ id, level: "skipped", what: "firewall not checked: listing its rules needs root" }];
  const info = engineInfo(facts);
  const native = info?.FirewallBackend?.Driver.startsWith("nftables") ?? false;
  if (native && !firewall.hasNftables) return [unreadable(facts.get("nft.failed"))];
  const settings = readEngineSettings(facts);
  const networks = settings.networks ?? [];
  const engines = waysIn(firewall).find(({ hook, rule }) => hook === "forward" && isEngines(rule))?.rule.backend;
  const judgements = [
    ...judgeLost(firewall, settings),
    ...(engines === undefined && networks.length === 0 && info && !native ? [noRules] : []),
    ...(engines === undefined ? [] : judgePrograms(firewall, engines, facts.get("iptables") ?? "")),
    ...judgeForeignRules(firewall, networks),
  ];
  return judgements.length > 0 ? judgements : [{ id, level: "ok", what: "no firewall rule is in the containers' way" }];
}

/** Rules that the engine wrote for its networks and that are missing. */
function judgeLost(firewall: Firewall, settings: EngineSettings): Judgement[] {
  // An engine that writes no rules has lost none.
  if (settingOf(settings, "iptables") === "false") return [];
  const lost = lostBy(firewall, settings.networks ?? []);
  if (lost.length === 0) return [];
  const what = `firewall rules that the engine wrote for its networks are gone: ${lostInWords(lost)}`;
  const why = "it writes them when it starts and when a network is made, and at no other time";
  return [{ id, level: "problem", what, why, fix: `restart the engine: ${restartOf(settings)}` }];
}

/** Mismatches between the backend of the engine's rules and the commands that list rules. */
function judgePrograms(firewall: Firewall, engines: Backend, version: string): Judgement[] {
  const used = version.includes("nf_tables") ? "nft" : "legacy";
  const policies = dropping(firewall, waysIn(firewall), {}).map(({ title, fix }): Judgement => {
    const what = `${title}, and the engine's rules are in ${engines === "nftables" ? engines : `iptables-${engines}`}`;
    const why = "a packet has to pass both, so that containers reach nothing outside of their bridge";
    return { id, level: "problem", what, why, fix };
  });
  if (engines === "nftables" || used === engines) return policies;
  const what = `the command iptables is ${used}, and the engine's rules are in iptables-${engines}`;
  const why = "rules of yours land in the wrong place";
  const fix = `update-alternatives --set iptables /usr/sbin/iptables-${engines}`;
  return [...policies, { id, level: "warning", what, why, fix }];
}

/** Foreign rules that refuse packets from or to the engine's bridges. */
function judgeForeignRules(firewall: Firewall, networks: readonly Network[]): Judgement[] {
  const bridges = networks.filter(({ driver }) => driver === "bridge");
  const [blocks, names] = [bridges.flatMap(({ subnets }) => subnets), bridges.map(({ bridge }) => bridge)];
  const ways: Packets[] =
    bridges.length === 0
      ? [{}]
      : [
          { source: blocks, in: names },
          { destination: blocks, out: names },
        ];
  const found = ways.flatMap((packets) => foreignRules(firewall, packets, "lost")).filter(({ isRule }) => isRule);
  const rules = new Map(found.filter(({ stops }) => stops).map((each) => [each.rule, each]));
  return [...rules.values()].map(({ rule, fix }): Judgement => {
    const what = `a rule for all containers refuses packets: ${rule}`;
    const why = "packets pass it beside the engine's own rules, so that a lab's may be among those";
    return { id, level: "warning", what, why, fix };
  });
}

const unreadable = (failed: string | undefined): Judgement => ({
  id,
  level: "skipped",
  what: `firewall not checked: the engine's rules are in nftables, and ${failed === undefined ? "there is no command nft" : `nft fails to list them (exit code ${failed})`}`,
  fix:
    failed === undefined ? "apt-get install nftables" : "use an nft that is as new as the engine's own: nft --version",
});

const noRules: Judgement = {
  id,
  level: "warning",
  what: "the engine has made no iptables rules",
  why: "without them published ports and addresses that are translated (NAT) do not work",
  fix: 'take "iptables": false out of /etc/docker/daemon.json, or start the engine again after the firewall was reloaded',
};
