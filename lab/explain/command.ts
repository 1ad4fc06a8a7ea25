import { Command, InvalidArgumentError } from "commander";
import { readOutputs } from "../outputs.ts";
import { explain, explainWay } from "./explain.ts";

const HTTP = 80;

export const explainCommand = (): Command =>
  new Command("explain")
    .summary("tell what an object is, what is wrong with it, and which way packets go")
    .description(
      "Tells what an object is, which way its packets go, and what is wrong with it. " +
        "With two objects: the way from one to the other, hop by hop, and what is broken on it.",
    )
    .argument("<environment>", "stack of this project")
    .argument(
      "<object>",
      "[KIND:]NAME[@MACHINE]: an IPv4 address, the id or row of a check, or the name of a machine, container, network, " +
        "namespace, port (80, 127.0.0.1:80), etcd member or interface",
    )
    .argument("[other]", "where packets from the first object are to go")
    .option("--port <port>", "TCP port to connect to", readPort, HTTP)
    .action(
      async (environment: string, object: string, other: string | undefined, { port }: { readonly port: number }) => {
        const outputs = await readOutputs(environment);
        console.log(
          other === undefined
            ? await explain(environment, outputs, object, port)
            : await explainWay(environment, outputs, object, other),
        );
      },
    );

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError(`expected a port from 1 to 65535, got ${text}`);
}
