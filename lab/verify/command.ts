import { Command } from "commander";
import { readOutputs } from "../outputs.ts";
import { resultJson, resultTable, tally } from "./report.ts";
import { verify } from "./verify.ts";

export const verifyCommand = (): Command =>
  new Command("verify")
    .summary("prove from outside that a running environment does what its labs say")
    .description(
      "Proves from outside that a running environment does what its labs say. " +
        "Exits with 0 when every check passed, 1 when one failed, 2 when they could not be made.",
    )
    .argument("<environment>", "stack of this project")
    .option("--json", "print the results as JSON")
    .action(async (environment: string, { json }: { readonly json?: true }) => {
      const results = await verify(await readOutputs(environment));
      console.log(json ? resultJson(results) : `${resultTable(results)}\n\n${tally(results)}`);
      process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
    });
