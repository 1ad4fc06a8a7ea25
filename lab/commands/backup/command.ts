import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { elapsed } from "../../../toolchain/step.ts";
import { LabError } from "../../cli/errors.ts";
import { digestOf, inKeys } from "../../host/etcd/keys.ts";
import { requireEngine } from "../../state/engineIdentity.ts";
import { backupName, backupsFolder, packBackup, prune, refuseExisting, writeBackup } from "../../state/etcdBackup.ts";
import { readOutputs } from "../../state/outputs.ts";
import { takeBackup } from "./backup.ts";

interface Options {
  readonly keep?: number;
  readonly json?: true;
}

export const backupCommand = (): Command =>
  new Command("backup")
    .summary("copy the etcd cluster of an environment into a file")
    .description(
      "Copies both keyspaces of the etcd cluster, v2 and v3, from one healthy member into one file. The copy is written " +
        "once a scratch member has started from it and holds the same keys. The file has no password and is readable by " +
        "its owner only. Exit codes: 0 the backup is good, 2 there is none.",
    )
    .argument("<environment>", "stack of this project")
    .argument("[file]", "file to write (default: .dockernet/backups/ENVIRONMENT/etcd-TIME.tar)")
    .option("--keep <number>", "keep only the newest backups of the default folder", count)
    .option("--json", "print the result as JSON")
    .action(backup);

async function backup(environment: string, given: string | undefined, { keep, json }: Options): Promise<void> {
  const began = performance.now();
  await requireEngine(environment);
  if (given !== undefined && keep !== undefined) {
    throw new LabError("--keep is for the backups of the default folder: leave out the file");
  }
  const file = given === undefined ? undefined : resolve(given);
  if (file) refuseExisting(file);
  const report = (line: string) => (json ? undefined : console.log(`backup: ${line}`));
  const taken = await takeBackup(environment, await readOutputs(environment), report);
  const target = file ?? resolve(backupsFolder(environment), backupName(new Date(taken.time)));
  const content = packBackup(taken);
  writeBackup(target, content);
  const removed = keep === undefined ? [] : prune(backupsFolder(environment), keep);
  const { keys, data: _data, snapshot: _snapshot, ...about } = taken;
  const digest = digestOf(keys);
  if (json) {
    console.log(JSON.stringify({ file: target, bytes: content.length, ...about, keys: digest, removed }, undefined, 2));
    return;
  }
  report(`the scratch member holds ${inKeys(digest)}, as the cluster does`);
  for (const each of removed) report(`removed ${each}`);
  report(`${target}, ${content.length} bytes, in ${elapsed(began)}`);
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError(`expected a number of backups from 1, got ${text}`);
}
