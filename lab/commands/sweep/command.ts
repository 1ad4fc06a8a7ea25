import { Command } from "commander";
import { LabError } from "../../cli/errors.ts";
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
    .summary("list orphaned resources; --yes removes them")
    .description(
      "Lists resources that carry the labels or marks of an environment and are orphaned, on this host and on its " +
        "hosts: containers, virtual machines, networks, volumes, namespaces, cables, etcd members, cluster stores, swarm nodes and key files. Images are " +
        "kept as a cache. Changes nothing without --yes. Exit codes: 0 no orphan is left, 1 orphans are left, 2 a host " +
        "could not be inspected.",
    )
    .argument("[environment]", "stack of this project, with a state here or not (default: all that have one)")
    .option("--yes", "remove the listed resources")
    .option("--all", "include environments that have no state here; another checkout may use them")
    .option("--json", "print JSON")
    .action(sweep);

async function sweep(environment: string | undefined, { all, yes, json }: Options): Promise<void> {
  if (environment !== undefined && all) throw new LabError("name an environment or say --all, not both");
  const found = await survey({ environment, all });
  if (!json) console.log(surveyTables(found));
  let removals: Removal[] = [];
  if (yes) {
    if (!json && found.leftovers.length > 0) console.log("");
    removals = await removeLeftovers(found.leftovers, (removal) => !json && console.log(removalLine(removal)));
  } else if (!json && found.leftovers.length > 0) {
    const words = ["npx lab sweep", ...(all ? ["--all"] : []), ...(environment ? [environment] : []), "--yes"];
    console.log(`\nNothing removed. To remove: ${words.join(" ")}`);
  }
  if (json) console.log(surveyJson(found, removals));
  const done = removals.filter(({ outcome }) => outcome === "removed" || outcome === "gone").length;
  process.exitCode = found.unseen.length > 0 ? 2 : done < found.leftovers.length ? 1 : 0;
}
