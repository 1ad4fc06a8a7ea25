/** A rule as iptables(8) accepts it after `--insert`: the chain and the specification. */
export type Rule = readonly string[];

/** Inserts firewall rules on the host that a command runs on; returns a function that removes them. */
export async function firewall(
  on: (...command: string[]) => Promise<unknown>,
  ...rules: readonly Rule[]
): Promise<() => Promise<unknown>> {
  for (const rule of rules) await on("iptables", "--insert", ...rule);
  return () => Promise.all(rules.map((rule) => on("iptables", "--delete", ...rule)));
}
