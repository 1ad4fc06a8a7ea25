import { overlap, parseCidr } from "../../../components/lib/cidr.ts";
import type { Chain, Condition, Firewall, Rule } from "./rules.ts";

/** A rule, and the rules that lead to it from the chain where packets enter. */
export interface Way {
  readonly hook: string;
  readonly base: Chain;
  readonly rule: Rule;
  /** The rules whose jumps lead to it. */
  readonly trail: readonly Rule[];
  /** Conditions of all these rules. */
  readonly conditions: readonly Condition[];
}

/** Returns the paths of packets through the rules, in the order of the rules. */
export function waysIn({ chains, rules }: Firewall): Way[] {
  const keyOf = ({ backend, table }: Rule | Chain, name: string) => `${backend} ${table} ${name}`;
  const byChain = new Map<string, Rule[]>();
  for (const rule of rules) {
    const key = keyOf(rule, rule.chain);
    byChain.set(key, [...(byChain.get(key) ?? []), rule]);
  }
  const walk = (base: Chain, hook: string, name: string, trail: readonly Rule[], before: readonly Condition[]): Way[] =>
    (byChain.get(keyOf(base, name)) ?? []).flatMap((rule) => {
      const conditions = [...before, ...rule.conditions];
      const deeper = [...trail, rule];
      const isJump = byChain.has(keyOf(rule, rule.target)) && !trail.includes(rule);
      return [
        { hook, base, rule, trail, conditions },
        ...(isJump ? walk(base, hook, rule.target, deeper, conditions) : []),
      ];
    });
  return chains.flatMap((base) => (base.hook === undefined ? [] : walk(base, base.hook, base.name, [], [])));
}

/** Known properties of packets. A condition on an unknown property may hold. */
export interface Packets {
  /** Source addresses or blocks. */
  readonly source?: readonly string[] | undefined;
  readonly destination?: readonly string[] | undefined;
  /** Interfaces by which they enter. */
  readonly in?: readonly string[] | undefined;
  readonly out?: readonly string[] | undefined;
  /**
   * Which of these interfaces are bridges of the engine, which drops packets from one of them to another, and never
   * those that leave by another interface.
   * @default - all of them
   */
  readonly bridges?: readonly string[] | undefined;
  readonly protocol?: readonly string[] | undefined;
  /** Destination ports. */
  readonly port?: readonly string[] | undefined;
}

/**
 * Returns the packets of a connection between these addresses, in both directions, by these bridges and other
 * interfaces.
 */
export const between = (
  addresses: readonly string[],
  bridges: readonly string[],
  others: readonly string[] = [],
): Packets => {
  const interfaces = [...bridges, ...others];
  return { source: addresses, destination: addresses, in: interfaces, out: interfaces, bridges };
};

/** Restricts packets to those that enter and leave by the engine's bridges, if these are known. */
export const onBridges = ({ bridges, ...packets }: Packets): Packets => ({
  ...packets,
  in: packets.in && (bridges ?? packets.in),
  out: packets.out && (bridges ?? packets.out),
});

/** Whether conditions may hold for some of the packets, which open a connection. */
export const mayHold = (conditions: readonly Condition[], packets: Packets): boolean =>
  conditions.every(({ of, not, values }) => {
    const known = of === "state" ? ["new"] : packets[of];
    return known === undefined || known.some((each) => not !== values.some((value) => fits(of, value, each)));
  });

function fits(of: Condition["of"], value: string, known: string): boolean {
  if (of === "source" || of === "destination") return sharesAddress(value, known);
  if (of === "in" || of === "out") return /[+*]$/.test(value) ? known.startsWith(value.slice(0, -1)) : value === known;
  if (of === "port") {
    const [first, last = first] = value.split(/[:-]/).map(Number);
    return first === undefined || Number.isNaN(first) || (Number(known) >= first && Number(known) <= Number(last));
  }
  return value.toLowerCase() === known.toLowerCase();
}

/** Whether two blocks overlap; true if one cannot be parsed. */
function sharesAddress(a: string, b: string): boolean {
  const [one, other] = [a, b].map((each) => (each.includes("/") ? each : `${each}/32`)) as [string, string];
  try {
    return parseCidr(one) && overlap(one, other);
  } catch {
    return true;
  }
}
