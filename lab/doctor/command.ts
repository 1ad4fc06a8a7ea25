import { Command } from "commander";
import { diagnose } from "./diagnose.ts";
import { hasProblem, report } from "./report.ts";

export const doctorCommand = (): Command =>
  new Command("doctor")
    .summary("look whether an environment can come up on its machines, and change nothing")
    .description(
      "Looks whether an environment can come up on its machines, and changes nothing. " +
        "Exits with 0 when nothing is in its way, 1 when something is, 2 when it could not look.",
    )
    .argument("<environment>", "stack of this project")
    .option("-v, --verbose", "show what is well, too")
    .option("--json", "print the findings as JSON")
    .action(async (environment: string, { verbose, json }: { readonly verbose?: true; readonly json?: true }) => {
      const findings = await diagnose(environment);
      console.log(json ? JSON.stringify(findings, undefined, 2) : report(findings, verbose));
      process.exitCode = hasProblem(findings) ? 1 : 0;
    });
