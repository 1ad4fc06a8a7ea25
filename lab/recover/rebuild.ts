import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { PROJECT_NAME } from "../../toolchain/environment.ts";
import { lastWords, run } from "../../toolchain/run.ts";
import { SetupError } from "../../toolchain/step.ts";
import { settingsOf } from "../environments.ts";
import { pulumi } from "../pulumi.ts";
import { type Resource, readExport } from "../stackExport.ts";

const Preview = z.object({ steps: z.array(z.object({ op: z.string(), urn: z.string() })) });

/** What is never made again: images, which nobody changes by hand, and what has no lab's state in it. */
const KEPT = /^(pulumi:|docker:index\/(remoteImage|volume))/;

/**
 * Whether a resource is made again with its lab; what claims addresses for all of them is not. The volume of a practice
 * node is: what the lab made in the node is there, and would be in the way of itself. Any other volume has what people
 * put into it.
 */
export const isRemade = ({ urn, type, custom }: Resource): boolean =>
  custom === true &&
  !urn.includes("AddressClaim$") &&
  (!KEPT.test(type) || urn.includes("PracticeNode$docker:index/volume"));

/** Takes down all that labs have made, their data excepted, and makes it again, in one update; gives its exit code. */
export async function rebuild(environment: string, labs: readonly string[], all: readonly string[]): Promise<number> {
  const { resources } = await readExport(environment);
  const others = all.filter((lab) => !labs.includes(lab));
  const theirs = others.length === 0 ? undefined : await goneWithout(environment, others);
  const chosen = resources.filter((each) => isRemade(each) && (theirs?.has(each.urn) ?? true));
  return pulumi(environment, ["up", ...chosen.flatMap(({ urn }) => ["--replace", urn])]);
}

/** The resources that would go if there were only these labs: which lab has what, only the program knows. */
async function goneWithout(environment: string, labs: readonly string[]): Promise<ReadonlySet<string>> {
  const scratch = mkdtempSync(join(tmpdir(), "dockernet-recover-"));
  const settings = join(scratch, "settings.yaml");
  try {
    copyFileSync(settingsOf(environment), settings);
    const ask = (...args: string[]) =>
      run("pulumi", [...args, "--non-interactive", "--stack", environment, "--config-file", settings]);
    await ask("config", "rm", `${PROJECT_NAME}:labs`);
    const chosen = labs.flatMap((lab, index) => ["--plaintext", `${PROJECT_NAME}:labs[${index}]=${lab}`]);
    await ask("config", "set-all", "--path", ...chosen);
    const { steps } = Preview.parse(JSON.parse(await ask("preview", "--json")));
    return new Set(steps.filter(({ op }) => op === "delete").map(({ urn }) => urn));
  } catch (error) {
    throw new SetupError(`Pulumi does not say which resources belong to these labs:\n${lastWords(error, 5)}`);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
