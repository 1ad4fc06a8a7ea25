import { readFileSync } from "node:fs";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { ImageCopy } from "../../components/image-copy/ImageCopy.ts";
import { ServiceImage } from "../../components/ServiceImage.ts";
import { SwarmCluster } from "../../components/swarm-cluster/SwarmCluster.ts";
import { SwarmNetwork } from "../../components/swarm-network/SwarmNetwork.ts";
import { type ImageOrigin, imageSource } from "../../stacks/images.ts";
import { inlineStack } from "../../test/inlineStack.ts";
import type { Nodes } from "../nodes.ts";

/** What the subjects need to know of the swarm, and of one of its managers. */
export interface Swarm {
  readonly address: string;
  readonly hostKey: string;
  readonly keyFile: string;
  readonly clusterId: string;
  readonly network: string;
  /** Id of the tasks' image, which every node has. */
  readonly image: string;
}

/** Block of the tasks' network: its addresses are enough for 1000 tasks. */
const SUBNET = "10.10.0.0/22";

/** Makes a swarm of practice nodes, with a network and an image on each. It is removed with them. */
export async function makeSwarm(
  work: string,
  { addresses, hostKeys, keyFile }: Nodes,
  managers: number,
): Promise<Swarm> {
  const program: PulumiFn = async () => {
    const privateKey = readFileSync(keyFile, "utf8");
    const hosts = addresses.map((host, index) => {
      const connection = { host, user: "root", hostKey: hostKeys[index] ?? "", privateKey };
      return { kind: "ssh", name: `node${index + 1}`, keyFile, connection } as const;
    });
    const [first] = hosts;
    if (!first) throw new Error("expected at least one node");
    const tiny = new ServiceImage("tiny", { source: imageSource("tiny", process.env.DOCKERNET_IMAGES as ImageOrigin) });
    const copies = hosts.map((host) => new ImageCopy(`tiny-${host.name}`, { image: tiny.imageId, host }));
    const { clusterId } = new SwarmCluster("swarm", {
      nodes: hosts.map((host, index) => ({
        nodeName: host.name,
        address: host.connection.host,
        role: index < managers ? "manager" : "worker",
        host,
      })),
    });
    const network = new SwarmNetwork("bench", { networkName: "bench", subnet: SUBNET, manager: first, clusterId });
    return { clusterId, network: network.networkName, image: copies[0]?.imageId };
  };
  const stack = await inlineStack("bench-nodes", "swarm", work);
  const { outputs } = await stack.up({ program });
  const { clusterId, network, image } = outputs;
  return {
    address: addresses[0] ?? "",
    hostKey: hostKeys[0] ?? "",
    keyFile,
    clusterId: clusterId?.value,
    network: network?.value,
    image: image?.value,
  };
}
