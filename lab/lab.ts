import { parseArgs } from "node:util";
import { main } from "../toolchain/main.ts";
import { SetupError } from "../toolchain/step.ts";
import { explain } from "./explain.ts";
import { inspect, inspectTables } from "./inspect.ts";
import { readOutputs } from "./outputs.ts";
import { resultJson, resultTable, tally } from "./report.ts";
import { verify } from "./verify.ts";

const USAGE = `usage: lab verify ENVIRONMENT [--json]
       lab inspect ENVIRONMENT [--json]
       lab explain ENVIRONMENT ADDRESS|CONTAINER|NAMESPACE [--port PORT]

  verify   proves from outside that a running environment does what its labs say
           exits with 0 when every check passed, 1 when one failed, 2 when they could not be made
  inspect  shows what there is: machines, etcd members, engines, networks, containers, the keys of an overlay
  explain  tells what an object is and which way its packets go, and tries ping and a TCP connection (port 80)`;

const COULD_NOT_RUN = 2;
const DEFAULT_PORT = "80";

await main(async () => {
  const { values, positionals } = readArgs();
  const [verb = "", environment, object, ...rest] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const wanted = verb === "explain" ? object !== undefined : object === undefined;
  if (!["verify", "inspect", "explain"].includes(verb) || environment === undefined || !wanted || rest.length > 0) {
    throw new SetupError(USAGE);
  }
  const outputs = await readOutputs(environment);
  if (verb === "explain") {
    console.log(await explain(environment, outputs, object ?? "", portOf(values.port)));
    return 0;
  }
  if (verb === "inspect") {
    const found = await inspect(environment, outputs);
    console.log(values.json ? JSON.stringify(found, undefined, 2) : inspectTables(found));
    return 0;
  }
  const results = await verify(outputs);
  console.log(values.json ? resultJson(results) : `${resultTable(results)}\n\n${tally(results)}`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}, COULD_NOT_RUN);

function portOf(text = DEFAULT_PORT): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new SetupError(`--port: expected a port from 1 to 65535, got ${text}\n${USAGE}`);
}

function readArgs() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean" }, port: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new SetupError(`${(error as Error).message}\n${USAGE}`);
  }
}
