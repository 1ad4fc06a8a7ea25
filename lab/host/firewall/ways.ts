import { overlap, parseCidr } from "../../../components/lib/cidr.ts";
import type { Chain, Condition, Firewall, Rule } from "./rules.ts";

/** A rule together with the rules that lead to it from where packets come in. */
export interface Way {
  readonly hook: string;
  readonly base: Chain;
  readonly rule: Rule;
  /** The rules whose jumps lead to it. */
  readonly trail: readonly Rule[];
  /** What all of these ask of a packet. */
  readonly conditions: readonly Condition[];
}

/** The ways that packets can take through the rules, in the order of the rules. */
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

/** What is known of packets; of what is not known a condition may hold. */
export interface Packets {
  /** Addresses or blocks that they come from. */
  readonly source?: readonly string[] | undefined;
  readonly destination?: readonly string[] | undefined;
  /** Interfaces that they come in by. */
  readonly in?: readonly string[] | undefined;
  readonly out?: readonly string[] | undefined;
  /**
   * Those of these interfaces that are bridges of the engine's: it drops what goes from one of them to another, and never
   * what leaves by another interface.
   * @default - all of them
   */
  readonly bridges?: readonly string[] | undefined;
  readonly protocol?: readonly string[] | undefined;
  /** Ports that they go to. */
  readonly port?: readonly string[] | undefined;
}

/** The packets of a connection, in either direction, between these addresses, and by these bridges and other interfaces. */
export const between = (
  addresses: readonly string[],
  bridges: readonly string[],
  others: readonly string[] = [],
): Packets => {
  const interfaces = [...bridges, ...others];
  return { source: addresses, destination: addresses, in: interfaces, out: interfaces, bridges };
};

/** Those of the packets that come in and leave by bridges of the engine's, as far as it is known. */
export const onBridges = ({ bridges, ...packets }: Packets): Packets => ({
  ...packets,
  in: packets.in && (bridges ?? packets.in),
  out: packets.out && (bridges ?? packets.out),
});

/** Whether conditions may hold for some of the packets, which begin a connection. */
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

/** Whether two blocks overlap; one that is written in another way may. */
function sharesAddress(a: string, b: string): boolean {
  const [one, other] = [a, b].map((each) => (each.includes("/") ? each : `${each}/32`)) as [string, string];
  try {
    return parseCidr(one) && overlap(one, other);
  } catch {
    return true;
  }
}
