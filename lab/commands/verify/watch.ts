import { createLogUpdate } from "log-update";
import { UserError } from "../../../toolchain/userError.ts";
import { type Environment, type Result, type VerifyOptions, verify } from "../../checks/verify.ts";
import { tally } from "../../cli/results.ts";
import { table } from "../../cli/table.ts";

/** Number of recent changes shown on a terminal. */
const REMEMBERED = 8;

/** A check whose result has changed since the previous round, as a line. */
interface Change {
  readonly at: string;
  readonly line: string;
}

export interface Watched extends VerifyOptions {
  /** Pause between two rounds, in seconds. */
  readonly pauseSec: number;
  /** Ends the loop. */
  readonly signal: AbortSignal;
  /** Output: redrawn in place on a terminal, else a line per change. */
  readonly out: NodeJS.WriteStream;
}

/**
 * Runs the checks repeatedly until the signal aborts. Returns the results of the last complete round; undefined if
 * there was none.
 */
export async function watch(
  name: string,
  environment: Environment,
  { pauseSec, signal, out, timeoutSec }: Watched,
): Promise<Result[] | undefined> {
  const draw = out.isTTY ? createLogUpdate(out) : undefined;
  const known = new Map<string, boolean>();
  const changes: Change[] = [];
  let [last, trouble]: [Result[] | undefined, string] = [undefined, ""];
  for (let round = 1; !signal.aborted; round += 1) {
    const found = await untilAborted(verify(environment, { timeoutSec }).catch(asTrouble), signal);
    if (found === undefined) break;
    const at = new Date().toTimeString().slice(0, 8);
    const fresh = typeof found === "string" ? (found === trouble ? [] : [found]) : changesOf(known, found, round === 1);
    trouble = typeof found === "string" ? found : "";
    if (typeof found !== "string") {
      if (last === undefined) fresh.unshift(`${found.length} checks: ${tally(found)}`);
      last = found;
    }
    changes.push(...fresh.map((line) => ({ at, line })));
    if (draw) draw(picture(name, round, at, last ?? [], trouble, changes));
    else for (const line of fresh) out.write(`${at}  ${line}\n`);
    await untilAborted(new Promise((resolve) => setTimeout(resolve, pauseSec * 1_000)), signal);
  }
  draw?.done();
  return last;
}

const asTrouble = (error: unknown): string => {
  if (error instanceof UserError) return error.message;
  throw error;
};

/** Waits for work to finish; returns undefined as soon as the signal aborts. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return Promise.race([
    work,
    new Promise<undefined>((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true })),
  ]);
}

/** A line for each check whose result has changed; in the first round, for each failed check. */
function changesOf(known: Map<string, boolean>, results: readonly Result[], isFirst: boolean): string[] {
  const changed = results.filter(({ check, passed }) => (isFirst ? !passed : known.get(check.id) !== passed));
  for (const { check, passed } of results) known.set(check.id, passed);
  return changed.map(
    ({ check, passed, actual }) => `${passed ? "passed" : "FAILED"}  ${check.id}: ${check.title}: ${actual}`,
  );
}

function picture(
  name: string,
  round: number,
  at: string,
  results: readonly Result[],
  trouble: string,
  changes: readonly Change[],
): string {
  const failed = results.filter(({ passed }) => !passed).map(({ check, actual }) => [check.id, check.title, actual]);
  return [
    `${name}, round ${round} at ${at}: ${trouble || tally(results)}; Ctrl-C ends`,
    ...(failed.length > 0 ? ["", table([["FAILED", "CHECK", "ACTUAL"], ...failed])] : []),
    "",
    ...changes.slice(-REMEMBERED).map(({ at: time, line }) => `${time}  ${line}`),
  ].join("\n");
}
