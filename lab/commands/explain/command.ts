import { Command, InvalidArgumentError } from "commander";
import { requireEngine } from "../../state/engineIdentity.ts";
import { readOutputs } from "../../state/outputs.ts";
import { explain, explainWay } from "./explain.ts";
import { explanationJson } from "./format.ts";

const HTTP = 80;

interface Options {
  readonly port: number;
  readonly json?: true;
}

export const explainCommand = (): Command =>
  new Command("explain")
    .summary("show what an object is, what is wrong with it, and the route of its packets")
    .description(
      "Shows what an object is, the route of its packets, and what is wrong with it. " +
        "With two objects: the route from one to the other, hop by hop, and where it is broken. " +
        "Exit codes: 0 no fault found, 1 a fault was found, 2 the object could not be inspected.",
    )
    .argument("<environment>", "stack of this project")
    .argument(
      "<object>",
      "[KIND:]NAME[@HOST]: an IPv4 address, the id or row of a check, or the name of a host, container, network, " +
        "namespace, port (80, 127.0.0.1:80), etcd member or interface",
    )
    .argument("[other]", "destination of packets from the first object")
    .option("--port <port>", "TCP port of the destination", readPort, HTTP)
    .option("--json", "print JSON, with faults and fixes as a list")
    .action(async (environment: string, object: string, other: string | undefined, { port, json }: Options) => {
      const outputs = await readOutputs(environment);
      await requireEngine(environment);
      const told =
        other === undefined
          ? await explain(environment, outputs, object, port)
          : await explainWay(environment, outputs, object, other);
      console.log(json ? explanationJson(told) : told.text);
      process.exitCode = told.code;
    });

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError(`expected a port from 1 to 65535, got ${text}`);
}
