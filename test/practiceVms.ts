import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { BridgeNetwork } from "../components/BridgeNetwork.ts";
import { hostAddress } from "../components/lib/cidr.ts";
import { PracticeVm } from "../components/practice-vm/PracticeVm.ts";
import { VmDisk } from "../components/practice-vm/VmDisk.ts";
import { ServiceImage } from "../components/ServiceImage.ts";
import { SshKey } from "../components/ssh-key/SshKey.ts";
import { imageSource } from "../stacks/images.ts";
import { imagesFrom } from "./imageOrigin.ts";
import { inlineStack } from "./inlineStack.ts";
import { testStack } from "./stack.ts";

/** The releases of Debian that machines can be of, and the images that they and their disks are made of. */
const IMAGES = { bookworm: ["node", "vm"], trixie: ["node13", "vm13"] } as const;
type Release = keyof typeof IMAGES;

export interface PracticeVmsArgs {
  /** Name of their LAN, of 13 bytes at most; those of the machines and their interfaces append the machine's number, from 1. */
  readonly name: string;
  readonly subnet: string;
  /** Folder for the state of the stack that creates them. */
  readonly work: string;
  /** Their hostnames, and the release of Debian that each is of. */
  readonly releases: Readonly<Record<string, Release>>;
  /** File of the key that the user `lab` accepts. */
  readonly keyFile: string;
}

/** A virtual machine that stands in for one of the user's. */
export interface PracticeVmHost {
  readonly name: string;
  readonly address: string;
  readonly hostKey: string;
  readonly engineVersion: string;
}

/** Virtual machines without anything of a lab, created by a separate stack. */
export interface PracticeVms {
  readonly hosts: readonly PracticeVmHost[];
  readonly remove: () => Promise<void>;
}

/** Creates virtual machines that stand in for a user's. */
export async function makePracticeVms({
  name,
  subnet,
  work,
  releases,
  keyFile,
}: PracticeVmsArgs): Promise<PracticeVms> {
  const origin = imagesFrom();
  const names = Object.keys(releases);
  const program: PulumiFn = async () => {
    const network = new BridgeNetwork("lan", { networkName: name, subnet, labels: { "dockernet.test": name } });
    const userKey = new SshKey("user-key", { file: keyFile });
    const disks = new Map(
      [...new Set(Object.values(releases))].map((release) => {
        const [node, vm] = IMAGES[release];
        const below = new ServiceImage(node, { source: imageSource(node, origin) });
        const { imageId: image } = new ServiceImage(vm, { source: imageSource(vm, origin) }, { dependsOn: below });
        return [release, new VmDisk(`disk-${release}`, { image })] as const;
      }),
    );
    const machines = Object.entries(releases).map(([hostname, release], index) => {
      const { folder: disk = "", acceleration = "tcg" } = disks.get(release) ?? {};
      return new PracticeVm(hostname, {
        vmName: `${name}-${index + 1}`,
        hostname,
        disk,
        acceleration,
        network: network.networkName,
        tapName: `${name}-${index + 1}`,
        address: hostAddress(subnet, index + 11),
        userKey,
        owner: `hosts/${name}`,
      });
    });
    return Object.fromEntries(
      machines.map(({ host, engineVersion }, index) => [
        names[index],
        { hostKey: host.connection.hostKey, engineVersion },
      ]),
    );
  };
  const stack = testStack(await inlineStack("hosts", name, work));
  const remove = async () => void (await stack.destroy());
  await stack.up({ program }).catch(async (error) => {
    await remove();
    throw error;
  });
  const outputs = await stack.outputs();
  const hosts = names.map((each, index) => ({
    name: each,
    address: hostAddress(subnet, index + 11),
    ...outputs[each]?.value,
  }));
  return { hosts, remove };
}
