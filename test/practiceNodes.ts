import { LocalWorkspace, type PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../components/BridgeNetwork.ts";
import { hostAddress } from "../components/lib/cidr.ts";
import { PracticeNode } from "../components/practice-node/PracticeNode.ts";
import { ServiceImage } from "../components/ServiceImage.ts";
import { SshKey } from "../components/ssh-key/SshKey.ts";
import { imageSource } from "../stacks/images.ts";
import { run } from "../toolchain/run.ts";
import { imagesFrom } from "./imageOrigin.ts";
import { testStack } from "./stack.ts";

export interface PracticeNodesArgs {
  /** Name of their LAN; the containers' names append the host's number, from 1. */
  readonly name: string;
  readonly subnet: string;
  /** Folder for the state of the stack that creates them. */
  readonly work: string;
  /** Their hostnames. */
  readonly names: readonly string[];
  /** File of the key that the user `lab` accepts. */
  readonly keyFile: string;
  /** @default 60 */
  readonly readyTimeoutSec?: number;
  /** Their image: of Debian 12, or of Debian 13. @default "node" */
  readonly image?: "node" | "node13";
}

/** Hosts without anything of a lab, created by a separate stack, with their addresses and keys. */
export interface PracticeNodes {
  readonly addresses: readonly string[];
  readonly hostKeys: readonly string[];
  /** Runs a sh script on each, as root. */
  readonly onEach: (script: string) => Promise<string[]>;
  readonly remove: () => Promise<void>;
}

/** Creates practice nodes that stand in for a user's hosts. */
export async function makePracticeNodes(args: PracticeNodesArgs): Promise<PracticeNodes> {
  const { name, subnet, work, names, keyFile, readyTimeoutSec, image: service = "node" } = args;
  const addresses = names.map((_, index) => hostAddress(subnet, index + 11));
  const program: PulumiFn = async () => {
    const labels = { "dockernet.test": name };
    const lan = new BridgeNetwork("lan", { networkName: name, subnet, labels });
    const origin = imagesFrom();
    const image = new ServiceImage("node", { source: imageSource(service, origin) }).imageId;
    const userKey = new SshKey("user-key", { file: keyFile });
    const nodes: PracticeNode[] = [];
    for (const [index, hostname] of names.entries()) {
      const node = new PracticeNode(
        hostname,
        {
          image,
          network: lan.networkName,
          userKey,
          labels,
          containerName: containerOf(name, index),
          hostname,
          address: addresses[index] ?? "",
          volumeName: containerOf(name, index),
          ...(readyTimeoutSec !== undefined && { readyTimeoutSec }),
        },
        { dependsOn: nodes.at(-1) },
      );
      nodes.push(node);
    }
    return Object.fromEntries(nodes.map(({ host }, index) => [names[index], host.connection.hostKey]));
  };
  const stack = testStack(
    await LocalWorkspace.createStack(
      { stackName: "hosts", projectName: "hosts", program },
      { workDir: work, envVars: { PULUMI_BACKEND_URL: `file://${work}`, PULUMI_CONFIG_PASSPHRASE: "test" } },
    ),
  );
  await stack.up().catch(async (error) => {
    await stack.destroy();
    throw error;
  });
  const outputs = await stack.outputs();
  return {
    addresses,
    hostKeys: names.map((each) => outputs[each]?.value),
    onEach: (script) =>
      Promise.all(names.map((_, index) => run("docker", ["exec", containerOf(name, index), "sh", "-c", script]))),
    remove: async () => void (await stack.destroy()),
  };
}

export const containerOf = (name: string, index: number): string => `${name}-${index + 1}`;
