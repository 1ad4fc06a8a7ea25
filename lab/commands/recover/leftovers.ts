import type { SweptKind } from "../sweep/ours.ts";
import { removeLeftovers } from "../sweep/remove.ts";
import { findLeftovers } from "../sweep/survey.ts";

/** What stands in the way of a new one of its name. A volume does not: the new one is the old one, with its data. */
const IN_THE_WAY: readonly SweptKind[] = ["container", "network"];

/**
 * Removes what the environment has of these kinds and its state does not know, by default containers and networks; gives what
 * could not be removed.
 */
export async function removeUnknown(environment: string, kinds = IN_THE_WAY): Promise<string[]> {
  const leftovers = await findLeftovers(environment);
  const removals = await removeLeftovers(
    leftovers.filter(({ kind }) => kinds.includes(kind)),
    ({ leftover: { kind, name, host }, outcome }) =>
      console.log(`${outcome}: ${kind} ${name}${host ? ` on ${host}` : ""}, which the state does not know`),
  );
  return removals
    .filter(({ outcome }) => outcome === "stays" || outcome === "failed")
    .map(({ leftover: { kind, name }, reason }) => `${kind} ${name}: ${reason}`);
}
