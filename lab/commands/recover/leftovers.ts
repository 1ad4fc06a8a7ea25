import { LabError } from "../../cli/errors.ts";
import { removeLeftovers } from "../sweep/remove.ts";
import { findLeftovers, type Leftover } from "../sweep/survey.ts";

/** Whether an orphan conflicts with a new object of the same name. A volume does not: it is reused, with its data. */
const isInTheWay = ({ kind }: Leftover): boolean => kind === "container" || kind === "network";

/** Removes an environment's orphans, by default containers and networks. Throws a LabError if some cannot be removed. */
export async function removeUnknown(environment: string, picks = isInTheWay): Promise<void> {
  const leftovers = await findLeftovers(environment);
  const removals = await removeLeftovers(leftovers.filter(picks), ({ leftover: { kind, name, host }, outcome }) =>
    console.log(`${outcome}: ${kind} ${name}${host ? ` on ${host}` : ""}, which the state does not know`),
  );
  const failed = removals
    .filter(({ outcome }) => outcome === "stays" || outcome === "failed")
    .map(({ leftover: { kind, name }, reason }) => `${kind} ${name}: ${reason}`);
  if (failed.length > 0) throw new LabError(`orphans could not be removed: ${failed.join("; ")}`);
}
