import { createLogUpdate } from "log-update";
import { UserError } from "../../../toolchain/userError.ts";
import { type Environment, type Result, type VerifyOptions, verify } from "../../checks/verify.ts";
import { tally } from "../../cli/results.ts";
import { table } from "../../cli/table.ts";

/** How many of the last changes stay on a terminal. */
const REMEMBERED = 8;

/** A check whose result is another one than the round before, in a line. */
interface Change {
  readonly at: string;
  readonly line: string;
}

export interface Watched extends VerifyOptions {
  /** Time between two rounds, in seconds. */
  readonly pauseSec: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Where it is shown: redrawn in place on a terminal, else a line for each change. */
  readonly out: NodeJS.WriteStream;
}

/**
 * Proves the checks again and again until it is ended. Gives the results of the last round that was not broken off;
 * undefined when there was none.
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

/** What it comes to, or undefined as soon as the signal says so. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return Promise.race([
    work,
    new Promise<undefined>((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true })),
  ]);
}

/** A line for each check whose result is another one than it was; at first for each that has failed. */
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
