import { Command, InvalidArgumentError } from "commander";
import { readOutputs } from "../outputs.ts";
import { explain } from "./explain.ts";

const HTTP = 80;

export const explainCommand = (): Command =>
  new Command("explain")
    .summary("tell what an object is and which way its packets go")
    .description("Tells what an object is and which way its packets go, and tries ping and a TCP connection.")
    .argument("<environment>", "stack of this project")
    .argument("<object>", "an IPv4 address, or the name of a container or network namespace")
    .option("--port <port>", "TCP port to connect to", readPort, HTTP)
    .action(async (environment: string, object: string, { port }: { readonly port: number }) => {
      console.log(await explain(environment, await readOutputs(environment), object, port));
    });

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError(`expected a port from 1 to 65535, got ${text}`);
}
