import { parseArgs } from "node:util";
import { main } from "../toolchain/main.ts";
import { SetupError } from "../toolchain/step.ts";
import { readOutputs } from "./outputs.ts";
import { resultJson, resultTable, tally } from "./report.ts";
import { verify } from "./verify.ts";

const USAGE = `usage: lab verify ENVIRONMENT [--json]

  verify   proves from outside that a running environment does what its labs say
           exits with 0 when every check passed, 1 when one failed, 2 when they could not be made`;

const COULD_NOT_RUN = 2;

await main(async () => {
  const { values, positionals } = readArgs();
  const [verb, environment, ...rest] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (verb !== "verify" || environment === undefined || rest.length > 0) throw new SetupError(USAGE);
  const results = await verify(await readOutputs(environment));
  console.log(values.json ? resultJson(results) : `${resultTable(results)}\n\n${tally(results)}`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}, COULD_NOT_RUN);

function readArgs() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new SetupError(`${(error as Error).message}\n${USAGE}`);
  }
}
