import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import Mocha from "mocha";
import type { Failure } from "./count.ts";

/**
 * Mocha's spec output with each error immediately, then the time of each file; writes the counts to the file in
 * COUNT_FILE.
 */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const spent = new Map<string, number>();
    let [began, file] = [0, ""];
    // Hooks take as long as tests, so a suite is timed as a whole.
    runner.on("suite", (suite) => {
      if (suite.parent?.root) [began, file] = [performance.now(), suite.file ?? ""];
    });
    runner.on("suite end", (suite) => {
      if (suite.parent?.root) spent.set(file, (spent.get(file) ?? 0) + performance.now() - began);
    });
    const failures: Failure[] = [];
    // A stage continues for half an hour after a failure, and mocha would print the reason only then.
    runner.on("fail", (test, { message }: Error) => {
      console.log(message.replace(/^/gm, "       "));
      failures.push({ title: `${relative("", test.file ?? "")}: ${test.fullTitle()}`, reason: message });
    });
    runner.once("end", () => {
      if (spent.size > 1) console.log(table(spent));
      writeFileSync(process.env.COUNT_FILE ?? "/dev/null", JSON.stringify({ passed: this.stats.passes, failures }));
    });
  }
}

/** The files, slowest first. */
const table = (spent: ReadonlyMap<string, number>): string =>
  [...spent]
    .sort(([, a], [, b]) => b - a)
    .map(([file, time]) => `${(time / 1000).toFixed(1).padStart(7)} s  ${relative("", file)}`)
    .join("\n");
