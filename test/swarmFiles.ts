import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { SshHost } from "../components/host-script/HostScript.ts";
import { type ServiceFile, SwarmService, type SwarmServiceArgs } from "../components/swarm-service/SwarmService.ts";
import type { HostAccess } from "../stacks/checks.ts";
import { PROJECT } from "../toolchain/environment.ts";
import { inlineStack } from "./inlineStack.ts";
import { testStack } from "./stack.ts";

/** A service with secrets and configs, in a program of a user's own on the manager of a swarm. */
export interface FilesStack {
  readonly up: (files: {
    readonly secrets: readonly ServiceFile[];
    readonly configs: readonly ServiceFile[];
    readonly more?: Partial<SwarmServiceArgs>;
  }) => Promise<string>;
  /** Its state, as the backend has it. */
  readonly state: () => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** Its host, as a user's program names it. */
const hostOf = ({ address, hostKey, user, port, keyFile = "", sudo }: HostAccess): SshHost => {
  const privateKey = readFileSync(resolve(PROJECT, keyFile), "utf8");
  return { kind: "ssh", connection: { host: address, hostKey, user, port, privateKey }, sudo };
};

export async function makeFilesStack(
  access: HostAccess,
  service: Pick<SwarmServiceArgs, "serviceName" | "clusterId" | "image">,
): Promise<FilesStack> {
  const work = await mkdtemp(join(tmpdir(), "dockernet-files-"));
  const stack = testStack(await inlineStack("files", "test", work));
  return {
    up: async ({ secrets, configs, more }) => {
      const program = async () => {
        new SwarmService("files", {
          ...service,
          manager: hostOf(access),
          command: ["sleep", "2147483647"],
          replicas: 1,
          constraints: ["node.role==manager"],
          secrets,
          configs,
          ...more,
        });
      };
      const { stdout, stderr } = await stack.up({ program, diff: true });
      return stdout + stderr;
    },
    state: () => readFile(join(work, ".pulumi", "stacks", "files", "test.json"), "utf8"),
    remove: async () => {
      await stack.destroy();
      await rm(work, { recursive: true });
    },
  };
}
