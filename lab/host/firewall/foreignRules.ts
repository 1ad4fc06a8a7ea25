import type { Chain, Firewall, Rule } from "./rules.ts";
import { mayHold, onBridges, type Packets, type Way, waysIn } from "./ways.ts";

/**
 * A rule or policy that this project did not create and that may interfere with packets, and the command to remove it.
 */
export interface ForeignRule {
  /** A sentence without a full stop. */
  readonly title: string;
  readonly fix: string;
  readonly rule: string;
  /** Whether it stops packets. */
  readonly stops: boolean;
  /** Whether it is a rule, not the policy of a chain. */
  readonly isRule: boolean;
}

/** The iptables rules that Docker engines 20.10 to 29 write (libnetwork, iptables and drivers/bridge), by table. */
const ENGINES: Readonly<Record<string, readonly RegExp[]>> = {
  filter: [
    /^-A FORWARD -j DOCKER-(USER|FORWARD|INGRESS|ISOLATION-STAGE-1)$/,
    /^-A FORWARD -o \S+ -j DOCKER$/,
    /^-A FORWARD -o \S+ -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT$/,
    /^-A FORWARD -i (\S+) ! -o \1 -j ACCEPT$/,
    /^-A FORWARD -i (\S+) -o \1 -j (ACCEPT|DROP)$/,
    /^-A DOCKER-USER -j RETURN$/,
    /^-A DOCKER(-(ISOLATION-STAGE-[12]|FORWARD|INGRESS|CT|BRIDGE|INTERNAL))? /,
  ],
  nat: [
    /^-A (PREROUTING|OUTPUT)( ! -d 127\.0\.0\.0\/8)? -m addrtype --dst-type LOCAL -j DOCKER(-INGRESS)?$/,
    /^-A POSTROUTING -s \S+ ! -o \S+ -j MASQUERADE$/,
    /^-A POSTROUTING -o \S+ -m addrtype --src-type LOCAL -j MASQUERADE$/,
    /^-A POSTROUTING -s (\S+) -d \1 -p (tcp|udp|sctp) -m \2 --dport \d+ -j MASQUERADE$/,
    /^-A DOCKER(-INGRESS|_OUTPUT|_POSTROUTING)? /,
  ],
  raw: [
    /^-A PREROUTING -d \S+\/32 ! -i \S+ -j DROP$/,
    /^-A PREROUTING -d \S+\/32 ! -i \S+ -p (tcp|udp|sctp) -m \1 --dport \d+ -j DROP$/,
  ],
};
/** The nftables table that only the engine writes, from 29.0 on. */
const ENGINES_TABLE = "ip docker-bridges";

/** Whether a rule has a form that the engine writes. */
export const isEngines = ({ backend, table, text }: Pick<Rule, "backend" | "table" | "text">): boolean =>
  backend === "nftables" ? table === ENGINES_TABLE : (ENGINES[table] ?? []).some((form) => form.test(text));

/** What a rule does to matching packets: stops them, changes their addresses, or lets them through. */
interface Effect {
  readonly kind: "stops" | "changes" | "passes";
  readonly words: string;
}

function effectOf({ rule, base, hook }: Way): Effect | undefined {
  const { target, backend, table } = rule;
  const isNat = backend !== "nftables" && table === "nat";
  if (target === "DROP" || target === "REJECT") return { kind: "stops", words: "it drops what it matches" };
  if (target === "MASQUERADE" || target === "SNAT" || target === "NETMAP")
    return { kind: "changes", words: "it changes the address that packets come from" };
  if (target === "DNAT" || target === "REDIRECT")
    return { kind: "changes", words: "it changes the address that packets go to" };
  if (target === "NOTRACK") return { kind: "changes", words: "what it matches is not tracked, so that it gets no NAT" };
  // In a chain that was jumped to, RETURN continues with the next rules of the calling chain.
  const leaves = target === "ACCEPT" || (target === "RETURN" && rule.chain === base.name);
  if (isNat && leaves && hook === "postrouting")
    return {
      kind: "changes",
      words: "what it matches keeps its source address, since Docker's MASQUERADE comes after it",
    };
  if (isNat && leaves)
    return { kind: "changes", words: "what it matches goes to no container, since Docker's DNAT comes after it" };
  // A packet that one nftables chain accepts continues with the next chain at the same hook.
  return target === "ACCEPT" && backend !== "nftables" && (hook === "forward" || table === "raw")
    ? { kind: "passes", words: "it lets through what Docker's own rules, which come after it, would drop" }
    : undefined;
}

/** What happened to packets: lost, or arrived although they should not; undefined if unknown. */
export type Failure = "lost" | "arrived" | undefined;

/** Hooks of packets that are neither from this host nor for it. */
const PASSING: readonly string[] = ["ingress", "prerouting", "forward", "postrouting"];
/** Targets of engine rules after which a packet does not reach later rules. */
const DECIDES: readonly string[] = ["ACCEPT", "DROP", "MASQUERADE", "DNAT"];
const OWN: readonly string[] = ["input", "output"];

/**
 * Returns the rules that are not the engine's and may be why packets are lost or arrive. Excludes rules after the
 * engine's last rule in the same chain: the engine has already accepted or dropped the packets.
 */
export function foreignRules(firewall: Firewall, packets: Packets, failure?: Failure, own = false): ForeignRule[] {
  const all = waysIn(firewall);
  const hooks = own ? [...PASSING, ...OWN] : PASSING;
  const decides = ({ rule }: Way) => isEngines(rule) && DECIDES.includes(rule.target);
  const last = new Map(all.flatMap((way, index) => (decides(way) ? [[way.base, index] as const] : [])));
  const rules = all.flatMap((way, index) => {
    const { rule, base, conditions } = way;
    const effect = effectOf(way);
    if (!effect || isEngines(rule) || !hooks.includes(way.hook) || !mayHold(conditions, packets)) return [];
    if (failure === "lost" && effect.kind === "passes") return [];
    // It changes nothing for packets that the engine would accept anyway.
    if (effect.kind === "passes" && !mayHold(conditions, onBridges(packets))) return [];
    if (failure === "arrived" && effect.kind === "stops") return [];
    if (index > (last.get(base) ?? index) && rule.backend !== "nftables") return [];
    return [foreignRule(rule, effect)];
  });
  const policies = failure === "arrived" ? [] : dropping(firewall, all, packets);
  return [...new Map([...rules, ...policies].map((each) => [each.title, each])).values()];
}

function foreignRule({ backend, table, text, removal }: Rule, { kind, words }: Effect): ForeignRule {
  const program = backend === "nftables" ? "nftables" : removal.split(" ", 1)[0];
  const where = table === "filter" ? "" : ` of the table ${table}`;
  const title = `${program} has a rule${where} that is not Docker's: ${text} (${words})`;
  return { title, fix: removal, rule: text, stops: kind === "stops", isRule: true };
}

/**
 * Returns the chains without engine rules whose policy drops what none of their rules accepts: a packet has to pass all
 * chains, of every backend.
 */
export function dropping({ chains }: Firewall, all: readonly Way[], packets: Packets): ForeignRule[] {
  const isOf = (chain: Chain) => (way: Way) => way.base === chain;
  return chains
    .filter((chain) => chain.hook === "forward" && chain.policy === "DROP")
    .filter((chain) => {
      const own = all.filter(isOf(chain));
      return !own.some(
        ({ rule, conditions }) => isEngines(rule) || (rule.target === "ACCEPT" && mayHold(conditions, packets)),
      );
    })
    .map(({ backend, table, name }) => {
      const program = backend === "nftables" ? "nftables" : `iptables-${backend}`;
      const fix =
        backend === "nftables" ? `nft chain ${table} ${name} '{ policy accept; }'` : `${program} -P ${name} ACCEPT`;
      const rule = `${table} ${name}`;
      return {
        title: `${program} drops by the policy of ${rule} what is passed on`,
        fix,
        rule,
        stops: true,
        isRule: false,
      };
    });
}
