import * as pulumi from "@pulumi/pulumi";
import type { SshHost } from "../components/host-script/HostScript.ts";
import { hostAddress } from "../components/lib/cidr.ts";
import { withoutKey } from "../components/lib/sshOptions.ts";
import { hostPart, type TopologyPart } from "../components/lib/topologyParts.ts";
import { PracticeNode, practiceNodeParts } from "../components/practice-node/PracticeNode.ts";
import { SshKey } from "../components/ssh-key/SshKey.ts";
import type { HostAccess } from "./checks.ts";
import { type Config, nodeNames } from "./config.ts";
import type { OwnHost } from "./hosts.ts";
import { type Ground, Section } from "./section.ts";
import { userKeyFile } from "./unlabelled.ts";

/** A host of the lab `overlay`: a practice node or one of the user's, which are the same from here on. */
export interface LabHost {
  readonly name: string;
  /** The address at which the other hosts reach it. */
  readonly address: string;
  readonly ssh: SshHost;
}

/** The place of the first host in its LAN, which the tutorial's 192.168.174.141 has. */
const FIRST_PLACE = 141;

/** All hosts of an environment, and what they are in its topology. */
export interface LabHosts {
  readonly hosts: readonly LabHost[];
  readonly parts: readonly TopologyPart[];
}

/** The hosts that the settings name; without any, as many practice nodes as they say. */
export const labHosts = (config: Config, ground: Ground): LabHosts =>
  config.hosts.length > 0 ? ownLabHosts(config.hosts) : practiceNodes(config, ground);

const nodeAddress = (subnet: string, index: number): string => hostAddress(subnet, FIRST_PLACE + index);

/** How the lab command gets into a host. */
export const accessTo = ({ ssh: host }: LabHost): pulumi.Output<HostAccess> =>
  pulumi
    .all([
      host.connection.host,
      host.connection.port,
      host.connection.user,
      host.keyFile,
      host.connection.hostKey,
      host.jump && withoutKey(host.jump),
    ])
    .apply(([address, port = 22, user = "root", keyFile, hostKey, jump]) => ({
      address,
      port,
      user,
      ...(keyFile !== undefined && { keyFile }),
      hostKey,
      ...(jump && { jump }),
      sudo: host.sudo ?? false,
    }));

const ownLabHost = ({ name, address, ssh, hostKey, privateKey, jump, sudo, gone }: OwnHost): LabHost => ({
  name,
  address,
  ssh: {
    kind: "ssh",
    name,
    connection: {
      host: ssh.address,
      port: ssh.port,
      user: ssh.user,
      ...(privateKey !== undefined && { privateKey }),
      hostKey,
    },
    ...(ssh.keyFile !== undefined && { keyFile: ssh.keyFile }),
    ...(jump && { jump }),
    sudo,
    gone,
  },
});

const ownLabHosts = (hosts: readonly OwnHost[]): LabHosts => ({
  hosts: hosts.map(ownLabHost),
  parts: hosts.map(({ name, address }) => hostPart(name, address)),
});

/** Practice nodes are containers on a LAN of their own, which is no lab's: several labs may have use for them. */
function practiceNodes({ identity, settings: { overlay } }: Config, ground: Ground): LabHosts {
  const { subnet } = overlay;
  const nodes = new Section("dockernet:index:PracticeNodes", "practice-nodes", "overlay", ground);
  const lan = nodes.network("overlay", "overlay-lan", { subnet, gateway: hostAddress(subnet, 1) });
  const userKey = new SshKey("user-key", { file: userKeyFile(identity) }, { parent: nodes });

  const hosts: LabHost[] = [];
  for (const [index, name] of nodeNames(overlay.nodes).entries()) {
    const address = nodeAddress(subnet, index);
    const container = nodes.named(name);
    const node = new PracticeNode(
      name,
      {
        containerName: container,
        hostname: name,
        image: ground.image("node"),
        network: lan.networkName,
        address,
        volumeName: nodes.named(`${name}-docker`),
        userKey,
        labels: nodes.labels,
      },
      { parent: nodes, dependsOn: hosts.at(-1)?.ssh.resource ?? ground.reservation },
    );
    nodes.record(...practiceNodeParts(name, container, lan.name, address));
    hosts.push({ name, address, ssh: { ...node.host, keyFile: userKey.file } });
  }
  return { hosts, parts: nodes.parts };
}
