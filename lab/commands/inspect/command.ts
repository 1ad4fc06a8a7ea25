import { Command } from "commander";
import { requireEngine } from "../../state/engineIdentity.ts";
import { readOutputs } from "../../state/outputs.ts";
import { inspect, inspectCode, inspectTables } from "./inspect.ts";

export const inspectCommand = (): Command =>
  new Command("inspect")
    .summary("show hosts, engines, networks and containers of an environment")
    .description(
      "Shows hosts, engines, etcd members, networks, containers, network namespaces, volumes and the tables of an overlay; " +
        "also what is missing, and what the state does not have. " +
        "Exit codes: 0 as the state says, 1 not as the state says, 2 a host could not be inspected.",
    )
    .argument("<environment>", "stack of this project")
    .option("--json", "print JSON")
    .action(async (environment: string, { json }: { readonly json?: true }) => {
      await requireEngine(environment);
      const found = await inspect(environment, await readOutputs(environment));
      console.log(json ? JSON.stringify(found, undefined, 2) : inspectTables(found));
      process.exitCode = inspectCode(found);
    });
