import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { systemProblem } from "../../../toolchain/systemProblem.ts";
import type { Judgement } from "./finding.ts";

/** Upper limit for the size of a state and its copies. */
const NEEDED_BYTES = 16 * 2 ** 20;

/**
 * Whether Pulumi can write to the folders of states and settings. A missing folder is created in its nearest parent.
 */
export const judgeWritable = (folders: readonly string[]): Judgement[] => [...new Set(folders.map(nearest))].map(judge);

const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)));

function judge(folder: string): Judgement {
  const id = "writable";
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize >= NEEDED_BYTES) return { id, level: "ok", what: `Pulumi can write to ${folder}` };
    const what = `the disk of ${folder} is full`;
    return { id, level: "problem", what, why: "Pulumi writes there", fix: "free some space on it" };
  } catch (error) {
    const what = systemProblem(error) ?? String(error);
    const fix = "make it writable for this user, or work in a clone where it is";
    return { id, level: "problem", what, why: "Pulumi writes there", fix };
  }
}
