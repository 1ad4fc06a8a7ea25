import * as z from "zod";
import type { Chain, Condition, Firewall, Rule } from "./rules.ts";

const Named = z.object({ family: z.string(), table: z.string(), name: z.string() });
const Expression = z.record(z.string(), z.unknown());
const Listed = z.object({
  chain: Named.extend({ hook: z.string().optional(), policy: z.string().optional() }).optional(),
  set: Named.extend({ elem: z.array(z.unknown()).optional() }).optional(),
  map: Named.extend({ elem: z.array(z.unknown()).optional() }).optional(),
  rule: z
    .object({ family: z.string(), table: z.string(), chain: z.string(), handle: z.int(), expr: z.array(Expression) })
    .optional(),
});
const Printed = z.object({ nftables: z.array(Listed).default([]) });

/** Families without IPv4 packets. */
const OTHERS = ["ip6", "arp"];
/** Statements that end a packet's path through a chain, or change the packet. */
const VERDICTS = ["accept", "drop", "reject", "return", "masquerade", "snat", "dnat", "redirect", "notrack"];

type Sets = ReadonlyMap<string, readonly unknown[]>;

/** Reads the output of `nft -j list ruleset` (libnftables-json(5)), except for tables that are already known. */
export function readNftables(json: string, known: readonly string[]): Pick<Firewall, "chains" | "rules"> {
  const tableOf = ({ family, table }: { readonly family: string; readonly table: string }) => `${family} ${table}`;
  const backend = "nftables" as const;
  const listed = Printed.parse(JSON.parse(json)).nftables;
  const sets: Sets = new Map(
    listed.flatMap(({ set, map }) =>
      [set, map].flatMap((each) => (each ? [[`${tableOf(each)} @${each.name}`, each.elem ?? []] as const] : [])),
    ),
  );
  const wanted = (each: { readonly family: string; readonly table: string }) =>
    !OTHERS.includes(each.family) && !known.includes(tableOf(each));
  const chains = listed.flatMap(({ chain }): Chain[] =>
    chain && wanted(chain)
      ? [{ backend, table: tableOf(chain), name: chain.name, hook: chain.hook, policy: chain.policy?.toUpperCase() }]
      : [],
  );
  const rules = listed.flatMap(({ rule }): Rule[] => {
    if (!rule || !wanted(rule)) return [];
    const table = tableOf(rule);
    const text = [rule.chain, ...rule.expr.map(written)].join(" ");
    const removal = `nft delete rule ${table} ${rule.chain} handle ${rule.handle}`;
    return branches(rule.expr, table, sets).map((branch) => ({
      ...{ backend, table, chain: rule.chain, text, removal },
      ...branch,
    }));
  });
  return { chains, rules };
}

/** Splits a rule into one per possible verdict: a verdict map (vmap) has many. */
function branches(expr: readonly z.infer<typeof Expression>[], table: string, sets: Sets) {
  const conditions = expr.flatMap(({ match }) => conditionOf(match, table, sets));
  const dispatch = z
    .object({ key: z.unknown(), data: z.unknown() })
    .safeParse(expr.find((each) => "vmap" in each)?.vmap);
  if (!dispatch.success) return [{ conditions, target: expr.map(targetOf).find((each) => each !== "") ?? "" }];
  const { key, data } = dispatch.data;
  return elements(data, table, sets).flatMap((pair) => {
    if (!Array.isArray(pair)) return [];
    const own = conditionOf({ op: "==", left: key, right: pair[0] }, table, sets);
    return [{ conditions: [...conditions, ...own], target: targetOf(Expression.parse(pair[1])) }];
  });
}

/** Returns what an expression does to a packet, in iptables' terms: a verdict in capitals, or the name of a chain. */
function targetOf(expression: z.infer<typeof Expression>): string {
  const to = z.object({ target: z.string() }).safeParse(expression.jump ?? expression.goto);
  if (to.success) return to.data.target;
  const extension = z.object({ type: z.literal("target"), name: z.string() }).safeParse(expression.xt);
  if (extension.success) return extension.data.name;
  return VERDICTS.find((verdict) => verdict in expression)?.toUpperCase() ?? "";
}

const Match = z.object({ op: z.string(), left: Expression, right: z.unknown() });
const KEYS: Readonly<Record<string, Condition["of"]>> = {
  "meta iifname": "in",
  "meta iif": "in",
  "meta oifname": "out",
  "meta oif": "out",
  "meta l4proto": "protocol",
  "ip protocol": "protocol",
  "ip saddr": "source",
  "ip daddr": "destination",
  "tcp dport": "port",
  "udp dport": "port",
  "th dport": "port",
  "ct state": "state",
};

function conditionOf(match: unknown, table: string, sets: Sets): Condition[] {
  const { data } = Match.safeParse(match);
  const key = data ? written(data.left) : "";
  const of = KEYS[key];
  if (!data || of === undefined) return [];
  const not = data.op === "!=";
  const values = elements(data.right, table, sets).map(written);
  const protocol = /^(tcp|udp) dport$/.exec(key)?.[1];
  return [
    ...(protocol === undefined ? [] : [{ of: "protocol" as const, not: false, values: [protocol] }]),
    { of, not, values },
  ];
}

/** Returns the values on one side of a comparison: a single value, or those of an anonymous or a named set. */
function elements(value: unknown, table: string, sets: Sets): readonly unknown[] {
  if (typeof value === "string" && value.startsWith("@")) return sets.get(`${table} ${value}`) ?? [];
  if (Array.isArray(value)) return value;
  return typeof value === "object" && value !== null && "set" in value && Array.isArray(value.set)
    ? value.set
    : [value];
}

/** Formats a part of a rule as nft(8) does, or nearly so. */
function written(part: unknown): string {
  if (typeof part === "string" || typeof part === "number") return String(part);
  if (Array.isArray(part)) return part.map(written).join(", ");
  const [[kind, value] = ["", undefined]] = Object.entries((part ?? {}) as Record<string, unknown>);
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  switch (kind) {
    case "match":
      return [fields.left, fields.op === "!=" ? "!=" : "", fields.right].map(written).filter(Boolean).join(" ");
    case "meta":
    case "ct":
      return `${kind} ${written(fields.key)}`;
    case "payload":
      return `${written(fields.protocol)} ${written(fields.field)}`;
    case "prefix":
      return `${written(fields.addr)}/${written(fields.len)}`;
    case "range":
      return Array.isArray(value) ? value.map(written).join("-") : "";
    case "set":
      return `{ ${written(value)} }`;
    case "elem":
      return written(fields.val);
    case "fib":
      return `fib ${written(fields.flags)} ${written(fields.result)}`;
    case "vmap":
      return `${written(fields.key)} vmap ${written(fields.data)}`;
    case "jump":
    case "goto":
      return `${kind} ${written(fields.target)}`;
    case "xt":
      return written(fields.name);
    case "dnat":
    case "snat":
      return [kind, "to", [fields.addr, fields.port].map(written).filter(Boolean).join(":")].join(" ");
    default:
      return kind;
  }
}
