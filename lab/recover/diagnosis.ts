import { PROJECT } from "../../toolchain/environment.ts";
import { backendFolder } from "../../toolchain/fileBackend.ts";
import { lastWords } from "../../toolchain/run.ts";
import { SetupError } from "../../toolchain/step.ts";
import { backendUrl } from "../backend.ts";
import { type Lock, readLocks } from "../locks.ts";
import { type Outputs, readOutputs } from "../outputs.ts";
import { orphans, type Process, processes } from "../processes.ts";
import { readExport } from "../stackExport.ts";
import { type Result, verify } from "../verify/verify.ts";
import { type Foreign, foreigners } from "./foreign.ts";
import { refuseLive } from "./locks.ts";
import { type Lost, lostState, notUp } from "./lost.ts";

/** What is the matter with an environment. */
export interface Diagnosis {
  /** The folder of the backend, where it is one of files. */
  readonly backend: string | undefined;
  /** Left behind by runs that are dead. */
  readonly orphans: readonly Process[];
  readonly locks: readonly Lock[];
  /** The copy that is to take the state's place, and what is the matter with the state. */
  readonly lost: Lost | undefined;
  /** What a run was about to do when it died. */
  readonly pending: readonly string[];
  /** Undefined where nothing can be proven: the state is lost, or the last run did not get to its end. */
  readonly results: readonly Result[] | undefined;
  readonly foreign: readonly Foreign[];
}

/** Looks at an environment; changes nothing. Throws a SetupError for one that cannot be, or need not be, recovered. */
export async function diagnose(environment: string): Promise<Diagnosis> {
  const url = await backendUrl();
  const backend = backendFolder(url);
  const all = processes();
  const locks = backend ? readLocks(backend, environment) : [];
  refuseLive(environment, locks, all, url);
  const left = { backend, locks, orphans: orphans(all, { checkout: PROJECT, backendUrl: url }) };

  const lost = backend && (await lostState(backend, environment));
  if (lost) return { ...left, lost, pending: [], results: undefined, foreign: [] };
  const { pending, resources } = await readExport(environment).catch((error) => {
    throw new SetupError(`the state of environment ${environment} could not be read:\n${lastWords(error, 3)}`);
  });
  if (resources.length === 0 && pending.length === 0) throw notUp(environment);
  const outputs = await readOutputs(environment).catch(() => undefined);
  const results = outputs && (await verify(outputs));
  return { ...left, lost: undefined, pending, results, foreign: await foreignersOf(environment, outputs, results) };
}

/** What is not ours and may be why checks fail; nothing where none does. */
export const foreignersOf = async (environment: string, outputs?: Outputs, results: readonly Result[] = []) =>
  outputs && results.some(({ passed }) => !passed) ? foreigners(environment, outputs, results) : [];
