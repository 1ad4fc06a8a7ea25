import type { Chain, Condition, Firewall, Rule } from "./rules.ts";

/** Hooks of the built-in chains of iptables(8). */
const HOOKS: Readonly<Record<string, string>> = {
  PREROUTING: "prerouting",
  INPUT: "input",
  FORWARD: "forward",
  OUTPUT: "output",
  POSTROUTING: "postrouting",
};

const OPTIONS: Readonly<Record<string, Condition["of"]>> = {
  "-s": "source",
  "-d": "destination",
  "-i": "in",
  "-o": "out",
  "-p": "protocol",
  "--dport": "port",
  "--dports": "port",
  "--ctstate": "state",
  "--state": "state",
};

/** Reads the output of iptables-save; `command` is the program that changes these rules. */
export function readIptables(
  lines: readonly string[],
  backend: "nft" | "legacy",
  command: string,
): Pick<Firewall, "chains" | "rules"> {
  const chains: Chain[] = [];
  const rules: Rule[] = [];
  let table = "";
  for (const line of lines) {
    if (line.startsWith("*")) table = line.slice(1);
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name !== undefined) chains.push({ backend, table, name, hook: HOOKS[name], policy: HOOKS[name] && policy });
    if (line.startsWith("-A ")) rules.push(readRule(line, table, backend, command));
  }
  return { chains, rules };
}

function readRule(text: string, table: string, backend: "nft" | "legacy", command: string): Rule {
  const words = text.replace(/ --comment ("(\\.|[^"])*"|\S+)/g, "").split(" ");
  const conditions = words.flatMap((word, index): Condition[] => {
    const of = OPTIONS[word];
    const values = words[index + 1]?.split(",") ?? [];
    return of === undefined ? [] : [{ of, not: words[index - 1] === "!", values }];
  });
  const to = words.findIndex((word) => word === "-j" || word === "-g");
  return {
    ...{ backend, table, text, conditions },
    chain: words[1] ?? "",
    // -j CT with this option replaces the target NOTRACK.
    target: words.includes("--notrack") ? "NOTRACK" : to < 0 ? "" : (words[to + 1] ?? ""),
    removal: `${command} -t ${table} ${text.replace(/^-A/, "-D")}`,
  };
}
