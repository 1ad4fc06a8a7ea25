import { backendFolder, type Checkpoint } from "../../toolchain/fileBackend.ts";
import { LabError } from "../cli/errors.ts";
import { goodCopies, idsIn, lookAtState, type State } from "./copies.ts";
import { labelledObjects } from "./labelled.ts";

/** A lost state: why, and the copy that replaces it. */
export interface Lost {
  readonly copy: Checkpoint;
  readonly why: string;
}

export const notUp = (environment: string): LabError =>
  new LabError(`environment ${environment} is not up, so there is nothing to recover: npm start -- ${environment}`);

/**
 * Refuses an environment whose state is damaged, or missing while its objects exist: a second state would create
 * everything again. For backends other than files, Pulumi reports its own errors.
 */
export async function refuseLost(
  environment: string,
  backendUrl = process.env.PULUMI_BACKEND_URL ?? "",
): Promise<void> {
  const state = stateIn(backendUrl, environment);
  if (!state || state.kind === "good") return;
  const objects = await labelledObjects(environment).catch(() => []);
  if (state.kind === "missing" && objects.length === 0) return;
  throw lost(environment, state, objects.length);
}

/** Refuses an environment whose state in a file backend is damaged. */
export function refuseDamaged(environment: string, backendUrl = process.env.PULUMI_BACKEND_URL ?? ""): void {
  const state = stateIn(backendUrl, environment);
  if (state?.kind === "damaged") throw lost(environment, state, 0);
}

/** Returns the copy that replaces a lost state; undefined if the state is good. */
export async function lostState(backend: string, environment: string): Promise<Lost | undefined> {
  const state = lookAtState(backend, environment);
  if (state.kind === "good") return undefined;
  const objects = await labelledObjects(environment);
  if (state.kind === "missing" && objects.length === 0) throw notUp(environment);
  const why = stateProblem(environment, state, objects.length);
  const copies = goodCopies(backend, environment);
  const there = objects.map(({ id }) => id);
  const copy = copyFor(state, copies, there);
  const otherwise =
    `work there if another checkout or backend has its state, else remove what it has made with ` +
    `npx lab sweep ${environment} --yes, then npm start -- ${environment}`;
  if (!copy) throw new LabError(`${why}, and there is no good copy of it: ${otherwise}`);
  if (copy.resources > 0 && there.length > 0 && !knows(copy, there)) {
    const time = copy.time.toISOString();
    throw new LabError(
      `${why}, and the newest good copy of it, of ${time}, knows nothing of what is there: ${otherwise}`,
    );
  }
  return { copy, why };
}

/**
 * Returns the copy that replaces a state: the newest with resources. Exception: if the first run ever, or the first
 * after a destroy, has damaged the state, the empty copy from before that run, which created everything that exists.
 */
export function copyFor(state: State, copies: readonly Checkpoint[], there: readonly string[]): Checkpoint | undefined {
  const [newest] = copies;
  const full = copies.find(({ resources }) => resources > 0);
  if (state.kind === "damaged" && newest?.resources === 0 && !(full && knows(full, there))) return newest;
  return full;
}

function knows(copy: Checkpoint, there: readonly string[]): boolean {
  const known = idsIn(copy);
  return there.some((id) => known.has(id));
}

/** The condition of a state in a file backend; undefined for other kinds of backend. */
function stateIn(backendUrl: string, environment: string): State | undefined {
  const backend = backendFolder(backendUrl);
  return backend === undefined ? undefined : lookAtState(backend, environment);
}

const lost = (...about: Parameters<typeof stateProblem>): LabError =>
  new LabError(`${stateProblem(...about)}; to bring it back: npx lab recover ${about[0]}`);

const stateProblem = (environment: string, state: Exclude<State, { kind: "good" }>, objects: number): string =>
  state.kind === "damaged"
    ? `the state of environment ${environment} is damaged: ${state.reason}`
    : `environment ${environment} has no state here, but ${objects} containers and networks carry its labels`;
