import { type FactScript, readFacts, shellScript } from "../../host/facts.ts";
import { runOverSsh } from "../../host/overSsh.ts";
import type { Outputs } from "../../state/outputs.ts";

const SCRIPT = new URL("endpoints.sh", import.meta.url);
/** Time limits of both verbs on a host of usual speed. */
const LOOK_MS = 60_000;
const RELEASE_MS = 180_000;

/** What a crash of a host has left in the cluster store, so that containers cannot start: words for it. */
export const staleEndpoints = (outputs: Outputs): Promise<string[]> => onHosts(outputs, "stale", LOOK_MS);

/** Removes it, and returns what is left. */
export const releaseEndpoints = (outputs: Outputs): Promise<string[]> => onHosts(outputs, "release", RELEASE_MS);

async function onHosts({ hosts, topology }: Outputs, call: FactScript["call"], limitMs: number): Promise<string[]> {
  const withStore = Object.entries(hosts).filter(([name]) =>
    topology.nodes.some(({ kind, name: member }) => kind === "member" && member === name),
  );
  const found = await Promise.all(
    withStore.map(async ([name, access]) => {
      const { slowness = 1 } = access;
      const script = shellScript([{ script: SCRIPT, call }], slowness);
      const printed = await runOverSsh(access, script, { timeoutMs: limitMs * slowness }).catch(() => "");
      return readFacts(printed)
        .all("endpoint")
        .map((line) => `${line.split(" ")[0]} on ${name}`);
    }),
  );
  return found.flat();
}
