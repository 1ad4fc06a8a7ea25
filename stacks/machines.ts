import * as pulumi from "@pulumi/pulumi";
import { BridgeNetwork } from "../components/BridgeNetwork.ts";
import type { SshHost } from "../components/host-script/HostScript.ts";
import { hostAddress } from "../components/lib/cidr.ts";
import { objectName, ownerLabels } from "../components/lib/identity.ts";
import { PracticeNode } from "../components/practice-node/PracticeNode.ts";
import { SshKey } from "../components/ssh-key/SshKey.ts";
import type { HostAccess } from "./checks.ts";
import { type Config, nodeNames } from "./config.ts";
import type { OwnHost } from "./hosts.ts";
import { containerPart, machinePart, networkPart, type Part } from "./parts.ts";
import type { Shared } from "./shared.ts";
import { userKeyFile } from "./unlabelled.ts";

/** A machine of the lab `overlay`: a practice node or one of the user's, which are the same from here on. */
export interface LabMachine {
  readonly name: string;
  /** The address at which the other machines reach it. */
  readonly address: string;
  readonly host: SshHost & { readonly keyFile: pulumi.Input<string> };
}

/** The place of the first machine in its LAN, which the tutorial's 192.168.174.141 has. */
const FIRST_PLACE = 141;
/** The network of practice nodes. */
const LAN = "overlay-lan";

/** The machines that the settings name; without any, as many practice nodes as they say. */
export const labMachines = (config: Config, claim: pulumi.Resource, image: Shared["image"]): readonly LabMachine[] =>
  config.hosts.length > 0 ? config.hosts.map(ownMachine) : practiceNodes(config, claim, image);

/** They as parts of the topology: practice nodes are containers on a LAN of their own. */
export function machineParts({ identity, hosts, overlay }: Config): Part[] {
  if (hosts.length > 0) return hosts.map(({ name, address }) => machinePart(name, address));
  const lan = objectName(identity, LAN);
  const nodes = nodeNames(overlay.nodes).flatMap((name, index) => {
    const container = objectName(identity, name);
    const address = nodeAddress(overlay.subnet, index);
    return [
      containerPart({ name: container, image: "node", networks: [lan], address }),
      machinePart(name, address, container),
    ];
  });
  return [
    networkPart(lan, { driver: "bridge", subnet: overlay.subnet, gateway: hostAddress(overlay.subnet, 1) }),
    ...nodes,
  ];
}

const nodeAddress = (subnet: string, index: number): string => hostAddress(subnet, FIRST_PLACE + index);

/** How the lab command gets into a machine. */
export const accessTo = ({ host }: LabMachine): pulumi.Output<HostAccess> =>
  pulumi
    .all([host.connection.host, host.connection.port, host.connection.user, host.keyFile, host.connection.hostKey])
    .apply(([address, port = 22, user = "root", keyFile, hostKey]) => ({
      address,
      port,
      user,
      keyFile,
      hostKey,
      sudo: host.sudo ?? false,
    }));

const ownMachine = ({ name, address, ssh, hostKey, privateKey, sudo, gone }: OwnHost): LabMachine => ({
  name,
  address,
  host: {
    kind: "ssh",
    name,
    connection: { host: ssh.address, port: ssh.port, user: ssh.user, privateKey, hostKey },
    keyFile: ssh.keyFile,
    sudo,
    gone,
  },
});

function practiceNodes({ identity, overlay }: Config, claim: pulumi.Resource, image: Shared["image"]): LabMachine[] {
  const labels = ownerLabels(identity, "overlay");
  const lan = new BridgeNetwork("overlay", {
    networkName: objectName(identity, LAN),
    subnet: overlay.subnet,
    after: claim,
    labels,
  });
  const userKey = new SshKey("user-key", { file: userKeyFile(identity) });

  const nodes: LabMachine[] = [];
  for (const [index, name] of nodeNames(overlay.nodes).entries()) {
    const address = nodeAddress(overlay.subnet, index);
    const node = new PracticeNode(name, {
      containerName: objectName(identity, name),
      hostname: name,
      image: image("node"),
      network: lan.networkName,
      address,
      volumeName: objectName(identity, `${name}-docker`),
      userKey,
      after: nodes.at(-1)?.host.machine ?? claim,
      labels,
    });
    nodes.push({ name, address, host: { ...node.host, keyFile: userKey.file } });
  }
  return nodes;
}
