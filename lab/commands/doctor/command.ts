import { Command } from "commander";
import { runDoctor } from "./doctor.ts";
import { hasProblem, report } from "./report.ts";

export const doctorCommand = (): Command =>
  new Command("doctor")
    .summary("check hosts and settings before the first up; changes nothing")
    .description(
      "Checks whether an environment can come up on its hosts. Changes nothing. " +
        "Exit codes: 0 no problem, 1 a problem was found, 2 the hosts could not be checked.",
    )
    .argument("<environment>", "stack of this project")
    .option("-v, --verbose", "show passed findings as well")
    .option("--json", "print the findings as JSON")
    .action(async (environment: string, { verbose, json }: { readonly verbose?: true; readonly json?: true }) => {
      const findings = await runDoctor(environment);
      console.log(json ? JSON.stringify(findings, undefined, 2) : report(findings, verbose));
      process.exitCode = hasProblem(findings) ? 1 : 0;
    });
