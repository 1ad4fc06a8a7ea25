import { Command } from "commander";
import { readOutputs } from "../outputs.ts";
import { inspect, inspectTables } from "./inspect.ts";

export const inspectCommand = (): Command =>
  new Command("inspect")
    .summary("show what there is of an environment")
    .description(
      "Shows machines, engines, etcd members, networks, containers, network namespaces, volumes, and what an overlay knows; also what is missing, and what the state does not have.",
    )
    .argument("<environment>", "stack of this project")
    .option("--json", "print it as JSON")
    .action(async (environment: string, { json }: { readonly json?: true }) => {
      const found = await inspect(environment, await readOutputs(environment));
      console.log(json ? JSON.stringify(found, undefined, 2) : inspectTables(found));
    });
