import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { Command, Option } from "commander";
import { verify } from "../../checks/verify.ts";
import { agreed } from "../../cli/confirm.ts";
import { LabError } from "../../cli/errors.ts";
import { resultTable, tally } from "../../cli/results.ts";
import { contextOf } from "../../faults/context.ts";
import { inKeys } from "../../host/etcd/keys.ts";
import { requireEngine } from "../../state/engineIdentity.ts";
import { type Backup, backups, backupsFolder, readBackup } from "../../state/etcdBackup.ts";
import { readOutputs } from "../../state/outputs.ts";
import { cautions, type MemberLook, refusals, stateOf, stepsOf } from "./plan.ts";
import { lookAt, restore, targetsOf } from "./restore.ts";

interface Options {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly overwrite?: true;
  readonly json?: true;
}

export const restoreCommand = (): Command =>
  new Command("restore")
    .summary("bring the etcd cluster of an environment back from a backup")
    .description(
      "Shows what is left of the etcd cluster and what a restore would do, carries it out once confirmed, and runs every " +
        "check. All members start again from the backup, as a new cluster; their data of before is set aside. " +
        "Exit codes: 0 every check passes, 1 a check fails or nothing was restored yet, 2 the backup cannot be restored.",
    )
    .argument("<environment>", "stack of this project")
    .argument("[file]", "backup to restore (default: the newest in .dockernet/backups/ENVIRONMENT)")
    .option("--yes", "restore without asking")
    .option("--overwrite", "restore although the cluster is healthy, or has keys that the backup lacks")
    .addOption(new Option("--dry-run", "show the plan only").conflicts("yes"))
    .addOption(new Option("--json", "show the plan only, as JSON").conflicts("yes"))
    .action(async (environment: string, file: string | undefined, options: Options) => {
      process.exitCode = await run(environment, file, options);
    });

async function run(environment: string, given: string | undefined, options: Options): Promise<number> {
  await requireEngine(environment);
  const file = given === undefined ? newest(environment) : resolve(given);
  const backup = readBackup(file);
  const outputs = await readOutputs(environment);
  const targets = targetsOf(contextOf(environment, outputs));
  if (targets.length === 0)
    throw new LabError(`environment ${environment} has no etcd cluster; the lab overlay has one`);
  const members = await Promise.all(targets.map(lookAt));
  const reasons = refusals(environment, backup, members, gunzipSync(backup.data).length);
  if (reasons.length > 0) throw new LabError(`${file} cannot be restored: ${reasons.join("; ")}; nothing was changed`);
  const risks = cautions(backup, members);
  console.log(
    options.json ? planJson(environment, file, backup, members, risks) : planText(file, backup, members, risks),
  );
  if (risks.length > 0 && !options.overwrite) {
    if (!options.json) console.log("\nNothing changed: pass --overwrite to restore all the same");
    return 1;
  }
  if (options.dryRun || options.json || !(options.yes || (await agreed()))) return 1;
  console.log("");
  await restore(targets, backup, (line) => console.log(`restore: ${line}`));
  const results = await verify(outputs);
  const failed = results.filter(({ passed }) => !passed);
  if (failed.length > 0) console.log(`\n${resultTable(failed)}`);
  console.log(`\nEnvironment ${environment} restored: ${tally(results)}`);
  return failed.length === 0 ? 0 : 1;
}

function newest(environment: string): string {
  const folder = backupsFolder(environment);
  const name = existsSync(folder) ? backups(readdirSync(folder)).at(-1) : undefined;
  if (name) return join(folder, name);
  throw new LabError(`there is no backup in ${folder}; name a file, as npx lab backup ${environment} writes it`);
}

function planText(
  file: string,
  { manifest }: Backup,
  members: readonly MemberLook[],
  risks: readonly string[],
): string {
  const { environment, time, source, etcd, keys } = manifest;
  return [
    `Environment ${environment}, restore of its etcd cluster:`,
    `Backup: ${file}`,
    `Taken: ${time} from ${source}, etcd ${etcd}, ${inKeys(keys)}`,
    ...members.map((each) => `Member: ${stateOf(each)}`),
    ...risks.map((risk) => `Risk: ${risk}`),
    "Plan:",
    ...stepsOf(members).map((step, index) => `${index + 1}. ${step}`),
  ].join("\n");
}

const planJson = (
  environment: string,
  file: string,
  { manifest }: Backup,
  members: readonly MemberLook[],
  risks: readonly string[],
): string =>
  JSON.stringify(
    { environment, file, manifest, members: members.map(stateOf), risks, steps: stepsOf(members) },
    undefined,
    2,
  );
