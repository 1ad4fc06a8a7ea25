import { assignments, readScript } from "../../components/host-script/scriptText.ts";
import { DEFAULT_ENGINE } from "../../components/lib/dockerNames.ts";
import { unframed } from "../../components/lib/frame.ts";
import { errorTail, run } from "../../toolchain/run.ts";
import { LabError } from "../cli/errors.ts";
import { type Resource, recordedResources, type StackOptions } from "./stackExport.ts";

const SCRIPT = new URL("../../components/engine-identity/identity.sh", import.meta.url);
/** Exit codes of the script if the engine is another one, or fails requests; if none answers, the code differs. */
const UNUSABLE = [1, 4];

/**
 * Returns the resource that records the engine of an environment (see EngineIdentity); none if nothing is on an engine.
 */
export const engineRecord = (resources: readonly Resource[]): Resource | undefined =>
  resources.find(({ urn }) => urn.includes("EngineIdentity$command:"));

/** Returns why this host's engine is not the environment's, or fails; undefined if it is, or if no engine answers. */
export async function engineProblem(
  resources: readonly Resource[],
  env: NodeJS.ProcessEnv = {},
): Promise<string | undefined> {
  const record = engineRecord(resources);
  const printed = record?.outputs?.stdout;
  if (record === undefined || typeof printed !== "string") return undefined;
  const [stack, project] = record.urn.replace("urn:pulumi:", "").split("::");
  const address = env.DOCKER_HOST || process.env.DOCKER_HOST || DEFAULT_ENGINE;
  const variables = assignments({ OWNER: `${project}/${stack}`, ADDRESS: address });
  const input = `set -eu\n${variables}\n${readScript(SCRIPT)}\ncheck\n`;
  return run("sh", ["-s"], { env: { ...env, PULUMI_COMMAND_STDOUT: unframed(printed) ?? printed }, input }).then(
    () => undefined,
    (error) => (UNUSABLE.includes(error.code) ? errorTail(error, 1) : undefined),
  );
}

/** Refuses an environment that is on another engine, or on one that fails requests. If a state cannot be read, Pulumi itself reports why. */
export const requireEngine = (environment: string): Promise<void> => refuseOther({ stack: environment });

/** Same as {@link requireEngine}, for the stack that these options of a `pulumi` command name. */
export async function refuseOther(options: StackOptions): Promise<void> {
  const problem = await engineProblem(await recordedResources(options));
  if (problem !== undefined) throw new LabError(problem);
}
