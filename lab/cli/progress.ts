import { createLogUpdate } from "log-update";
import type { Check } from "../../stacks/checks.ts";
import { elapsed } from "../../toolchain/step.ts";
import type { Observer } from "../checks/verify.ts";

/** Redraw interval. */
const INTERVAL_MS = 200;

/** An observer that shows the progress of checks on a terminal; `stop` clears the line. */
export interface Progress extends Observer {
  readonly stop: () => void;
}

/** Shows progress on standard error; undefined if that is not a terminal. */
export function showProgress(total: number): Progress | undefined {
  if (!process.stderr.isTTY) return undefined;
  const draw = createLogUpdate(process.stderr);
  const counted = countProgress(total);
  const timer = setInterval(() => draw(counted.line()), INTERVAL_MS);
  const stop = () => {
    clearInterval(timer);
    draw.clear();
    draw.done();
  };
  return { ...counted, stop };
}

/** Counts checks. `line` returns how many are done, how many have failed, and which has been running longest. */
export function countProgress(total: number): Observer & { readonly line: () => string } {
  let [done, failed] = [0, 0];
  // In the order in which they started.
  const running = new Map<Check, number>();
  return {
    begins: (check) => running.set(check, performance.now()),
    ends: ({ check, passed }) => {
      running.delete(check);
      done += 1;
      failed += passed ? 0 : 1;
    },
    line: () => {
      const [longest] = running;
      const now = longest ? `, ${longest[0].id} for ${elapsed(longest[1])}` : "";
      return `${done} of ${total} checks, ${failed} failed${now}`;
    },
  };
}
