import { table } from "../../cli/table.ts";
import type { Removal } from "./remove.ts";
import type { Leftover, Survey } from "./survey.ts";

const hostName = ({ host }: Leftover): string => host ?? "this host";

/** Formats the orphans for people. */
export function surveyTables({ leftovers, alone, warnings, unseen }: Survey): string {
  const rows = leftovers.map((each) => [
    each.kind,
    each.name,
    hostName(each),
    each.ours,
    each.stays ? `${each.unneeded}; kept: ${each.stays}` : each.unneeded,
  ]);
  return [
    leftovers.length > 0 ? table([["KIND", "NAME", "HOST", "OWNER", "REASON"], ...rows]) : "No orphans found",
    ...alone.map(({ environment, objects, why }) => `Skipped: ${objects} of environment ${environment}: ${why}`),
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...unseen.map((what) => `Not inspected: ${what}`),
  ].join("\n");
}

/** Formats the removal of an orphan as one line. */
export const removalLine = ({ leftover, outcome, reason }: Removal): string =>
  `${outcome.padEnd(7)}  ${leftover.kind} ${leftover.name} on ${hostName(leftover)}${reason && `: ${reason}`}`;

/** Formats everything as JSON; after removals, each orphan has its outcome. */
export const surveyJson = ({ leftovers, alone, warnings, unseen }: Survey, removals: readonly Removal[]): string =>
  JSON.stringify(
    {
      leftovers: leftovers.map((leftover) => {
        const { kind, name, id, environment, ours, unneeded, stays } = leftover;
        const removal = removals.find((each) => each.leftover === leftover);
        const became = removal && { outcome: removal.outcome, ...(removal.reason && { reason: removal.reason }) };
        return { kind, name, id, host: hostName(leftover), environment, ours, unneeded, stays, ...became };
      }),
      alone,
      warnings,
      unseen,
    },
    undefined,
    2,
  );
