import { removeLeftovers } from "../sweep/remove.ts";
import { findLeftovers } from "../sweep/survey.ts";

/** What stands in the way of a new one of its name. A volume does not: the new one is the old one, with its data. */
const IN_THE_WAY: readonly string[] = ["container", "network"];

/** Removes the environment's containers and networks that its state does not know; gives what could not be removed. */
export async function removeUnknown(environment: string): Promise<string[]> {
  const leftovers = await findLeftovers(environment);
  const removals = await removeLeftovers(
    leftovers.filter(({ kind }) => IN_THE_WAY.includes(kind)),
    ({ leftover: { kind, name, host }, outcome }) =>
      console.log(`${outcome}: ${kind} ${name}${host ? ` on ${host}` : ""}, which the state does not know`),
  );
  return removals
    .filter(({ outcome }) => outcome === "stays" || outcome === "failed")
    .map(({ leftover: { kind, name }, reason }) => `${kind} ${name}: ${reason}`);
}
