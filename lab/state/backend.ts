import { PROJECT } from "../../toolchain/environment.ts";
import { errorTail, run } from "../../toolchain/run.ts";
import { LabError } from "../cli/errors.ts";

/** Returns the URL of the backend where Pulumi keeps states; `env` overrides this process's environment. */
export async function backendUrl(env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { PULUMI_BACKEND_URL: given } = { ...process.env, ...env };
  if (given) return given;
  const asked = run("pulumi", ["whoami", "--verbose", "--json", "--non-interactive"], { cwd: PROJECT, env });
  const whoami = await asked.catch((error) => {
    throw new LabError(`Pulumi does not say where it keeps its states:\n${errorTail(error, 3)}`);
  });
  return (JSON.parse(whoami) as { url: string }).url;
}
