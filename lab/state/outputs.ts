import * as z from "zod";
import { Check, HostAccess } from "../../stacks/checks.ts";
import { Topology } from "../../stacks/topology.ts";
import { PROJECT } from "../../toolchain/environment.ts";
import { errorTail, run } from "../../toolchain/run.ts";
import { LabError } from "../cli/errors.ts";
import { requireSettings } from "./environments.ts";
import { refuseLost } from "./lost.ts";
import { fileOutputs } from "./stackExport.ts";

const Outputs = z.object({
  urls: z.record(z.string(), z.string()),
  hosts: z.record(z.string(), HostAccess),
  checks: z.array(Check),
  topology: Topology,
});
export type Outputs = z.infer<typeof Outputs>;

/** Pulumi's error for a stack that was never created, or was removed. */
export const NO_STACK = /no stack named/;

/** Reads the outputs of an environment's last `pulumi up` from its state. */
export async function readOutputs(environment: string, env: NodeJS.ProcessEnv = {}): Promise<Outputs> {
  const inFile = Outputs.safeParse(fileOutputs(environment, { ...process.env, ...env }.PULUMI_BACKEND_URL));
  if (inFile.success) return inFile.data;
  const args = ["stack", "output", "--json", "--non-interactive", "--stack", environment];
  const text = await run("pulumi", args, { cwd: PROJECT, env }).catch(async (error) => {
    await refuseLost(environment, env.PULUMI_BACKEND_URL);
    const said = errorTail(error, 3);
    if (NO_STACK.test(said)) {
      requireSettings(environment);
      throw notUp(environment);
    }
    throw new LabError(`the state of environment ${environment} could not be read:\n${said}`);
  });
  const outputs = Outputs.safeParse(JSON.parse(text));
  if (outputs.success) return outputs.data;
  if (text === "{}") throw notUp(environment);
  throw new LabError(
    `the state of environment ${environment} is not of this version:\n${z.prettifyError(outputs.error)}`,
  );
}

const notUp = (environment: string): LabError =>
  new LabError(`environment ${environment} is not up: npm start -- ${environment}`);
