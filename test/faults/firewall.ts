/** A rule as iptables(8) takes it behind `--insert`: the chain, and what follows. */
export type Rule = readonly string[];

/** Puts rules into the firewall of the host that a command runs on; gives how they are taken away again. */
export async function firewall(
  on: (...command: string[]) => Promise<unknown>,
  ...rules: readonly Rule[]
): Promise<() => Promise<unknown>> {
  for (const rule of rules) await on("iptables", "--insert", ...rule);
  return () => Promise.all(rules.map((rule) => on("iptables", "--delete", ...rule)));
}
