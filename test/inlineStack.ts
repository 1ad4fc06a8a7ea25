import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import * as settings from "@pulumi/pulumi/runtime/settings.js";

// Each program that runs inside this process leaves its connections to the CLI open, and gRPC shares them by address: a
// later CLI that happened to get the port of an earlier one was considered dead ("14 UNAVAILABLE: No connection
// established. Last error: null"). With separate pools the programs share nothing. The options are not in the types.
Object.assign((settings as unknown as { grpcClientOptions: object }).grpcClientOptions, {
  "grpc.use_local_subchannel_pool": 1,
});

/** Creates a stack whose program is a function of a test. Its state is in the backend of `env`, by default in `workDir`. */
export function inlineStack(
  projectName: string,
  stackName: string,
  workDir: string,
  env: Record<string, string> = { PULUMI_BACKEND_URL: `file://${workDir}`, PULUMI_CONFIG_PASSPHRASE: "test" },
): Promise<Stack> {
  return LocalWorkspace.createStack(
    { stackName, projectName, program: async () => undefined },
    { workDir, envVars: env },
  );
}
