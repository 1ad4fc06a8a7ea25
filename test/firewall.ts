import { readFileSync } from "node:fs";
import { type Facts, readFacts } from "../lab/host/facts.ts";
import { readFirewall } from "../lab/host/firewall/read.ts";
import type { Firewall } from "../lab/host/firewall/rules.ts";
import type { Network } from "../lab/host/networks.ts";

/** Engines whose rules were recorded: docker0, br-1 with 10.1.0.2 published at 127.0.0.1:8080, and br-2. */
export const ENGINES = ["20.10", "29", "29-nftables"] as const;

/** Output of read.sh on a host with an engine. */
export const recorded = (engine: (typeof ENGINES)[number]): string[] =>
  readFileSync(new URL(`unit/firewall/engine-${engine}.txt`, import.meta.url), "utf8")
    .trim()
    .split("\n");

/** The rules in lines of read.sh. */
export const firewallIn = (...lines: readonly string[]): Firewall => {
  const facts: Facts = readFacts(lines.join("\n"));
  const found = readFirewall(facts);
  if (!found) throw new Error("these rules cannot be listed");
  return found;
};

/** The rules in lines of iptables-save. */
export const firewall = (...lines: readonly string[]): Firewall =>
  firewallIn("iptables iptables v1.8.9 (nf_tables)", ...lines.map((line) => `rules.nft ${line}`));

/** A network with driver `bridge`. */
export const bridgeNetwork = (name: string, bridge: string, subnet: string, more: Partial<Network> = {}): Network => ({
  ...{
    id: name,
    name,
    bridge,
    driver: "bridge",
    scope: "local",
    subnets: [subnet],
    gateway: undefined,
    labels: {},
    options: {},
  },
  ...{ internal: false },
  ...more,
});

/** The networks of the recorded engines. */
export const NETWORKS: readonly Network[] = [
  bridgeNetwork("bridge", "docker0", "172.17.0.0/16"),
  bridgeNetwork("n1", "br-1", "10.1.0.0/24"),
  bridgeNetwork("n2", "br-2", "10.2.0.0/24"),
];

/** A network as printed by `docker network inspect`. */
export const inspectedNetwork = ({ id, name, driver, bridge, subnets, internal, options }: Network) => ({
  ...{ Id: id, Name: name, Driver: driver, Internal: internal, Labels: {} },
  IPAM: { Config: subnets.map((Subnet) => ({ Subnet })) },
  Options: { "com.docker.network.bridge.name": bridge, ...options },
});
