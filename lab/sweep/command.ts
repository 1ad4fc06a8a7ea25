import { Command } from "commander";
import { SetupError } from "../../toolchain/step.ts";
import { type Removal, removeLeftovers } from "./remove.ts";
import { removalLine, surveyJson, surveyTables } from "./report.ts";
import { survey } from "./survey.ts";

interface Options {
  readonly all?: true;
  readonly yes?: true;
  readonly json?: true;
}

export const sweepCommand = (): Command =>
  new Command("sweep")
    .summary("find what is ours and in no state, and remove it")
    .description(
      "Finds what carries an environment's labels or marks and is in no state, on this machine and on its hosts: " +
        "containers, networks, volumes, namespaces, cables, etcd members, cluster stores and key files. Images stay: they " +
        "are a cache. Changes nothing without --yes. Exits with 0 when nothing is left, 1 when something is, 2 when it " +
        "could not look.",
    )
    .argument("[environment]", "stack of this project, also one that has no state here (default: all that have one)")
    .option("--yes", "remove what it lists")
    .option("--all", "all environments, also those of which there is no state here: another checkout may use them")
    .option("--json", "print it as JSON")
    .action(sweep);

async function sweep(environment: string | undefined, { all, yes, json }: Options): Promise<void> {
  if (environment !== undefined && all) throw new SetupError("name an environment or say --all, not both");
  const found = await survey({ environment, all });
  if (!json) console.log(surveyTables(found));
  let removals: Removal[] = [];
  if (yes) {
    if (!json && found.leftovers.length > 0) console.log("");
    removals = await removeLeftovers(found.leftovers, (removal) => !json && console.log(removalLine(removal)));
  } else if (!json && found.leftovers.length > 0) {
    const words = ["npx lab sweep", ...(all ? ["--all"] : []), ...(environment ? [environment] : []), "--yes"];
    console.log(`\nnothing was removed; this removes it: ${words.join(" ")}`);
  }
  if (json) console.log(surveyJson(found, removals));
  const done = removals.filter(({ outcome }) => outcome === "removed" || outcome === "gone").length;
  process.exitCode = done < found.leftovers.length || found.unseen.length > 0 ? 1 : 0;
}
