import { isInside } from "../components/lib/cidr.ts";
import type { Fault } from "./explain/scene.ts";
import type { Machine } from "./machine.ts";

/** A rule of iptables(8). */
export interface Rule {
  readonly table: "filter" | "nat";
  /** As `iptables -S` prints it, beginning with `-A CHAIN`. */
  readonly text: string;
}

/** The rules that Docker engines up to 20.10 write (libnetwork, iptables and drivers/bridge), by table. */
const DOCKERS: Readonly<Record<Rule["table"], readonly RegExp[]>> = {
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
};

/** Whether a rule is one that the engine writes. */
export const isDockers = ({ table, text }: Rule): boolean => DOCKERS[table].some((form) => form.test(text));

/** All rules of a machine; undefined without the right to see them. */
export async function rulesOf(machine: Machine): Promise<Rule[] | undefined> {
  const tables = await Promise.all(
    (["filter", "nat"] as const).map(async (table) => {
      const printed = await machine.attempt(["iptables", "--wait", "-t", table, "-S"]);
      return printed?.split("\n").flatMap((text): Rule[] => (text.startsWith("-A ") ? [{ table, text }] : []));
    }),
  );
  return tables.some((rules) => rules === undefined) ? undefined : tables.flatMap((rules) => rules ?? []);
}

/** What packets of interest may look like, in either direction. */
export interface Packets {
  /** Addresses that they may come from or go to. */
  readonly addresses: readonly string[];
  readonly interfaces: readonly string[];
  /** @default - any */
  readonly protocol?: "icmp" | "tcp" | undefined;
}

/** Whether a rule may match some of the packets: what it says of addresses, interfaces and protocol does not exclude all. */
export function concerns({ text }: Rule, { addresses, interfaces, protocol }: Packets): boolean {
  const conditions = [...text.matchAll(/(! )?-(s|d|i|o|p) (\S+)/g)];
  return conditions.every(([, not, flag, value = ""]) => {
    if (not) return true;
    if (flag === "p") return protocol === undefined || value === protocol;
    if (flag === "s" || flag === "d") return addresses.some((address) => isInside(value, address));
    return interfaces.some((each) => (value.endsWith("+") ? each.startsWith(value.slice(0, -1)) : each === value));
  });
}

/** What a rule does to a packet, by its target. */
function effect({ table, text }: Rule): string {
  const target = /-j (\S+)/.exec(text)?.[1] ?? "";
  if (target === "DROP" || target === "REJECT") return "it drops what it matches";
  if (target === "MASQUERADE" || target === "SNAT") return "it changes the address that packets come from";
  if (target === "DNAT" || target === "REDIRECT") return "it changes the address that packets go to";
  if (table === "nat") return "what it matches keeps its source address, since Docker's MASQUERADE comes after it";
  return "it lets through what Docker's own rules, which come after it, would drop";
}

/** The rules that are not Docker's and may match some of the packets, each as a fault. */
export const strangers = (rules: readonly Rule[], packets: Packets): Fault[] =>
  rules
    .filter((rule) => !isDockers(rule) && concerns(rule, packets))
    .map((rule) => ({
      says: `iptables has a rule${rule.table === "nat" ? " of the table nat" : ""} that is not Docker's: ${rule.text} (${effect(rule)})`,
      mend: `iptables -t ${rule.table} ${rule.text.replace(/^-A/, "-D")}`,
    }));

/** The rule that gives what leaves a network the address of the machine. */
export const masquerade = (rules: readonly Rule[], subnet: string): Rule | undefined =>
  rules.find(({ table, text }) => table === "nat" && text.startsWith(`-A POSTROUTING -s ${subnet} ! -o `));

/** The rules that keep what comes from one bridge out of another. */
export const isolation = (rules: readonly Rule[], from: string, to: string): Rule[] => {
  const [first, second] = [
    rules.find(({ text }) => text.startsWith(`-A DOCKER-ISOLATION-STAGE-1 -i ${from} ! -o ${from} `)),
    rules.find(({ text }) => text.startsWith(`-A DOCKER-ISOLATION-STAGE-2 -o ${to} -j DROP`)),
  ];
  return first && second ? [first, second] : [];
};
