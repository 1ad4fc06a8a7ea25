import type { Network } from "../networks.ts";
import { isEngines } from "./foreignRules.ts";
import type { Firewall, Rule } from "./rules.ts";
import { mayHold, type Way, waysIn } from "./ways.ts";

/** An address (RFC 5737) and an interface outside that no engine rule names. */
const OUTSIDE = { address: "192.0.2.1", interface: "outside" };
const HIDES: readonly string[] = ["MASQUERADE", "SNAT"];

/** Returns the rule that translates the source addresses of a block to the host's when packets leave. */
export const masquerade = (firewall: Firewall, subnet: string): Rule | undefined =>
  waysIn(firewall).find(
    ({ hook, rule, conditions }) =>
      hook === "postrouting" &&
      HIDES.includes(rule.target) &&
      conditions.some(({ of }) => of === "source") &&
      mayHold(conditions, { source: [subnet], destination: [OUTSIDE.address], out: [OUTSIDE.interface] }),
  )?.rule;

/** Returns the engine's rules that drop packets from one bridge to another, and the rules that lead to them. */
export const isolation = (firewall: Firewall, from: string, to: string): Rule[] => {
  const drop = dropsBetween(waysIn(firewall), from, to);
  return drop ? [...drop.trail, drop.rule].filter((rule) => rule === drop.rule || asksInterface(rule)) : [];
};

/** Returns the engine's rules that drop packets from other bridges to one, and from it to others. */
export const isolationOf = (firewall: Firewall, bridge: string): Rule[] => {
  const names = ({ conditions }: Pick<Rule, "conditions">) =>
    conditions.some(({ of, values }) => (of === "in" || of === "out") && values.includes(bridge));
  const drops = waysIn(firewall).filter((way) => isEngines(way.rule) && way.rule.target === "DROP" && names(way));
  const found = drops.flatMap(({ trail, rule }) => [
    ...trail.filter(names),
    ...(names(rule) || !asksInterface(rule) ? [rule] : []),
  ]);
  return firewall.rules.filter((rule) => found.includes(rule));
};

const asksInterface = ({ conditions }: Rule): boolean => conditions.some(({ of }) => of === "in" || of === "out");

const dropsBetween = (all: readonly Way[], from: string, to: string): Way | undefined =>
  all.find(
    ({ hook, rule, conditions }) =>
      hook === "forward" &&
      rule.target === "DROP" &&
      isEngines(rule) &&
      conditions.some(({ of, not, values }) => of === "out" && !not && values.includes(to)) &&
      mayHold(conditions, { in: [from], out: [to] }),
  );

/** Returns the rules that translate a port of the host to a container's address. */
export const publishing = ({ rules }: Firewall, port: string): Rule[] =>
  rules.filter(
    ({ target, conditions }) =>
      target === "DNAT" && conditions.some(({ of, values }) => of === "port" && values.includes(port)),
  );

/** What the engine's rules do for a network. */
export type Service = "address translation" | "the way out" | "isolation";

/** The services that a network lacks: the engine's rules for them are missing, or no packet reaches them. */
export interface Lost {
  readonly network: Network;
  readonly services: readonly Service[];
}

/** Formats what networks lack: `bridge (isolation), counter-net (address translation, the way out)`. */
export const lostInWords = (lost: readonly Lost[]): string =>
  lost.map(({ network, services }) => `${network.name} (${services.join(", ")})`).join(", ");

/** Returns an option of a network of driver `bridge` (docs.docker.com, bridge network driver). */
const option = ({ options }: Network, name: string): string | undefined => options[`com.docker.network.bridge.${name}`];

/** Returns the networks without all the rules that the engine writes for them. */
export function lostBy(firewall: Firewall, networks: readonly Network[]): Lost[] {
  const all = waysIn(firewall);
  // Chains outlive their rules. If there is no engine chain either, the rules may be where they cannot be read.
  if (!firewall.hasNftables && !firewall.chains.some(({ name }) => name === "DOCKER")) return [];
  // A routed or internal network has other rules.
  const bridges = networks.filter(
    (each) =>
      each.driver === "bridge" &&
      !each.internal &&
      each.subnets.some((subnet) => subnet.includes(".")) &&
      (option(each, "gateway_mode_ipv4") ?? "nat") === "nat",
  );
  return bridges.flatMap((network): Lost[] => {
    const { bridge } = network;
    const [subnet = ""] = network.subnets.filter((each) => each.includes("."));
    const hidden = option(network, "enable_ip_masquerade") !== "false";
    const out = { in: [bridge], out: [OUTSIDE.interface], source: [subnet] };
    const forward = all.filter(({ hook }) => hook === "forward");
    const leaves = forward.some(
      ({ rule, conditions }) =>
        rule.target === "ACCEPT" &&
        conditions.some(({ of }) => of === "in" || of === "out") &&
        mayHold(conditions, { ...out, destination: [OUTSIDE.address] }),
    );
    const apart = bridges.every((other) => other === network || dropsBetween(all, other.bridge, bridge));
    const services: readonly (readonly [Service, boolean])[] = [
      ["address translation", !hidden || masquerade(firewall, subnet) !== undefined],
      ["the way out", leaves],
      ["isolation", apart],
    ];
    const missing = services.flatMap(([service, there]) => (there ? [] : [service]));
    return missing.length > 0 ? [{ network, services: missing }] : [];
  });
}
