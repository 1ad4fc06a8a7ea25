import { LabError } from "../../cli/errors.ts";
import { contextOf, type EnvironmentHost, environmentHost } from "../../faults/context.ts";
import { membersOf } from "../../faults/host.ts";
import { copyProblem } from "../../host/etcd/keys.ts";
import { etcdScript, keysIn } from "../../host/etcd/script.ts";
import { etcdMember } from "../../host/etcd.ts";
import type { Facts } from "../../host/facts.ts";
import type { Taken } from "../../state/etcdBackup.ts";
import type { Outputs } from "../../state/outputs.ts";

/** Maximum size of the copy: a host sends it as one text, of which Node.js holds half a gibibyte. */
const MAX_BYTES = 256 * 2 ** 20;

/** Prints one step of a command. */
export type Report = (line: string) => void;

/** Copies the etcd cluster of an environment and verifies the copy. Throws a LabError if there is no good copy. */
export async function takeBackup(environment: string, outputs: Outputs, report: Report): Promise<Taken> {
  const context = contextOf(environment, outputs);
  const members = membersOf(context);
  if (members.length === 0)
    throw new LabError(`environment ${environment} has no etcd cluster; the lab overlay has one`);
  const hosts = members.map(({ on }) => environmentHost(context, on));
  const source = await sourceOf(environment, hosts);
  report(`copying the data of ${source.name}, and starting a scratch member from the copy`);
  const facts = await etcdScript(source, "backup", "backup", { NAME: source.name, MAX_BYTES: String(MAX_BYTES) });
  const keys = (when: string) => keysIn(facts, when, source.name);
  const copy = keys("scratch");
  const problem = copyProblem(copy, keys("before"), keys("after"));
  if (problem) throw new LabError(`the copy of ${source.name} is not good: ${problem}; nothing was written, try again`);
  return {
    environment,
    time: new Date().toISOString(),
    etcd: factOf(facts, "version", source.name),
    token: factOf(facts, "token", source.name),
    source: source.name,
    members: Object.fromEntries(members.map(({ name, peer }) => [name, peer])),
    keys: copy,
    data: Buffer.from(factOf(facts, "data", source.name), "base64"),
    snapshot: Buffer.from(factOf(facts, "snapshot", source.name), "base64"),
  };
}

/** The leader, whose log has every committed entry; else a member with a quorum. */
async function sourceOf(environment: string, hosts: readonly EnvironmentHost[]): Promise<EnvironmentHost> {
  const found = await Promise.all(hosts.map(async (host) => ({ host, member: await etcdMember(host.session) })));
  const healthy = found.filter(({ member }) => member?.healthy);
  const best = healthy.find(({ member }) => member?.role === "leader") ?? healthy[0];
  if (best) return best.host;
  throw new LabError(
    `no member of etcd in environment ${environment} has a quorum (asked: ${hosts.map(({ name }) => name).join(", ")}), ` +
      `so nothing is known to be whole; npx lab explain ${environment} 9.3 says why`,
  );
}

function factOf(facts: Facts, key: string, host: string): string {
  const value = facts.get(key);
  if (!value) throw new LabError(`${host} did not send the ${key} of its etcd; try again`);
  return value;
}
