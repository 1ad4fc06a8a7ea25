import { Command, InvalidArgumentError } from "commander";
import { PROJECT } from "../../toolchain/environment.ts";
import { setUp } from "../../toolchain/machine.ts";
import { main } from "../../toolchain/main.ts";
import { SetupError } from "../../toolchain/step.ts";
import { VM_TOOLS } from "../../toolchain/tools.ts";
import { writeJson } from "../kept.ts";
import { FAULT_KINDS, type Kind } from "./catalogue.ts";
import type { Fault } from "./fault.ts";
import { makeHistory } from "./history.ts";
import { historyProblems, keepHistory } from "./historyResults.ts";
import { summary, tally, uncoveredTable, writeDocs } from "./report.ts";
import { keep, leftovers, type Result, recovery, survived } from "./results.ts";
import { makeFaults } from "./run.ts";
import { UNCOVERED } from "./uncovered.ts";

interface Options {
  readonly only?: readonly string[];
  readonly times: number;
  readonly quick?: true;
  readonly vms?: true;
  readonly swarm?: true;
  readonly history?: true;
  readonly list?: true;
  readonly json?: string;
  readonly docs?: true;
}

const ids = (text: string): string[] => {
  const known = FAULT_KINDS.flatMap(({ faults }) => faults.map(({ id }) => id));
  const asked = text.split(",");
  const unknown = asked.filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new InvalidArgumentError(`Unknown faults: ${unknown.join(", ")}.`);
  return asked;
};

const count = (text: string): number => {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError("Expected a number from 1 to 99.");
  return Number(text);
};

const command = new Command("npm run faults --")
  .description("Cause the faults of the reliability list for real, and check whether environments survive them.")
  .option("--only <ids>", "run only these, such as R24,R46", ids)
  .option("--times <number>", "how often to cause each fault", count, 3)
  .option("--quick", "run only those of npm test, once each")
  .option("--vms", "run those of virtual machines, once each; no other option but --only runs them")
  .option("--swarm", "run those of a swarm; no other option but --only runs them")
  .option(
    "--history",
    "check the answers of an etcd cluster whose members are lost for linearizability; causes no fault",
  )
  .option("--list", "list the faults, run none")
  .option("--json <file>", "write the results of this run to a file")
  .option("--docs", "write docs/faults.md from the last results of every fault");

await main(async () => {
  const options = command.parse().opts<Options>();
  const kinds = FAULT_KINDS.map((kind) => ({
    ...kind,
    faults: kind.faults.filter((fault) => chosen(kind, fault, options)),
  }));
  if (options.list) return list();
  if (process.getuid?.() !== 0) throw new SetupError("the faults need root, for network namespaces");
  process.chdir(PROJECT);
  if (options.history) return history(options);
  const vms = kinds.some(({ suite, faults }) => suite === "vms" && faults.length > 0);
  await setUp(["curl", ...(vms ? VM_TOOLS : [])]);
  const results = await makeFaults(kinds, options.quick || vms ? 1 : options.times, printResult);
  for (const section of [summary(results), uncoveredTable(UNCOVERED)]) console.log(`\n${section}`);
  if (options.json) writeJson(options.json, results);
  if (options.docs) writeDocs();
  console.log(`\n${tally(results)}`);
  return results.every(({ outturns }) => outturns.every((each) => each.survived)) ? 0 : 1;
});

async function history({ docs }: Options): Promise<number> {
  await setUp(["curl"]);
  const result = await makeHistory((line) => console.log(line));
  keepHistory(result);
  if (docs) writeDocs();
  const problems = historyProblems(result);
  const { verdict, control, checkSec, seconds } = result;
  console.log(
    `\n${verdict}, found in ${checkSec.toFixed(1)} s; with stale reads ${control}; ${seconds.toFixed(0)} s in all`,
  );
  for (const problem of problems) console.log(`  ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

function chosen({ suite }: Kind, { id, quick = false }: Fault, options: Options): boolean {
  const suites = (["vms", "swarm"] as const).filter((name) => options[name]);
  const asked = options.only?.includes(id) ?? (suite === undefined ? suites.length === 0 : suites.includes(suite));
  return asked && (!options.quick || quick);
}

function list(): number {
  for (const { name, faults } of FAULT_KINDS) {
    console.log(name);
    for (const { id, title } of faults) console.log(`  ${id} ${title}`);
  }
  console.log(`\n${uncoveredTable(UNCOVERED)}`);
  return 0;
}

function printResult(result: Result): void {
  keep(result);
  const { id, title, outturns } = result;
  console.log(
    `${id} ${title}: survived ${survived(result)}, recovery ${recovery(result)} s, ${leftovers(result)} left over`,
  );
  for (const problem of new Set(outturns.flatMap(({ problems }) => problems))) console.log(`  ${problem}`);
}
