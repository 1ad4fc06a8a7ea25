import * as pulumi from "@pulumi/pulumi";
import type { SshHost } from "../components/host-script/HostScript.ts";
import { hostAddress } from "../components/lib/cidr.ts";
import { gated } from "../components/lib/gated.ts";
import { type Identity, ownerOf } from "../components/lib/identity.ts";
import { withoutKey } from "../components/lib/sshOptions.ts";
import { hostPart, type TopologyPart } from "../components/lib/topologyParts.ts";
import { PracticeNode, practiceNodeParts } from "../components/practice-node/PracticeNode.ts";
import { PracticeVm } from "../components/practice-vm/PracticeVm.ts";
import { VmDisk } from "../components/practice-vm/VmDisk.ts";
import { SshKey } from "../components/ssh-key/SshKey.ts";
import type { HostAccess } from "./checks.ts";
import { type Config, nodeNames } from "./config.ts";
import type { OwnHost } from "./hosts.ts";
import { type Ground, type Network, Section } from "./section.ts";
import { userKeyFile, vmInterface, vmName } from "./unlabelled.ts";

/** A host of the labs `overlay` and `swarm`: a practice node or one of the user's, which are the same from here on. */
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
      host.slowness,
    ])
    .apply(([address, port = 22, user = "root", keyFile, hostKey, jump, slowness = 1]) => ({
      address,
      port,
      user,
      ...(keyFile !== undefined && { keyFile }),
      hostKey,
      ...(jump && { jump }),
      sudo: host.sudo ?? false,
      ...(slowness !== 1 && { slowness }),
    }));

/** The host, known only when something is there: its engine is restarted until then, and would not answer. */
export const afterwards = (host: LabHost["ssh"], there: pulumi.Input<unknown>): LabHost["ssh"] => ({
  ...host,
  connection: {
    ...host.connection,
    host: gated(host.connection.host, there),
  },
});

const ownLabHost = ({ name, address, ssh, hostKey, privateKey, jump, sudo, slowness, gone }: OwnHost): LabHost => ({
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
    slowness,
    gone,
  },
});

const ownLabHosts = (hosts: readonly OwnHost[]): LabHosts => ({
  hosts: hosts.map(ownLabHost),
  parts: hosts.map(({ name, address }) => hostPart(name, address)),
});

/** Practice nodes are on a LAN of their own, which is no lab's: several labs may have use for them. */
function practiceNodes({ identity, nodes: { lab, subnet, count, kind, image } }: Config, ground: Ground): LabHosts {
  const nodes = new Section("dockernet:index:PracticeNodes", "practice-nodes", lab, ground);
  const lan = nodes.network(lab, `${lab}-lan`, { subnet, gateway: hostAddress(subnet, 1) });
  const userKey = new SshKey("user-key", { file: userKeyFile(identity) }, { parent: nodes });
  const addresses = Object.fromEntries(nodeNames(count).map((name, index) => [name, nodeAddress(subnet, index)]));
  const common = { identity, ground, nodes, lan, userKey, addresses, image };
  const make = (kind === "vm" ? machines : containers)(common);

  const hosts: LabHost[] = [];
  for (const [index, [name, address]] of Object.entries(addresses).entries()) {
    const host = make({ name, address, index, last: hosts.at(-1)?.ssh });
    hosts.push({ name, address, ssh: { ...host, keyFile: userKey.file } });
  }
  return { hosts, parts: nodes.parts };
}

/** What practice nodes of an environment have in common. */
interface Common {
  readonly identity: Identity;
  readonly ground: Ground;
  readonly nodes: Section;
  readonly lan: Network;
  readonly userKey: SshKey;
  /** Their addresses, by name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Image of those that are containers. */
  readonly image: "node" | "node13";
}

/** One of them; `last` is the one before it. */
interface Place {
  readonly name: string;
  readonly address: string;
  readonly index: number;
  readonly last: SshHost | undefined;
}

/** Makes practice nodes, one at each call. */
type Maker = (common: Common) => (place: Place) => SshHost;

const containers: Maker =
  ({ ground, nodes, lan, userKey, image }) =>
  ({ name, address, last }) => {
    const container = nodes.named(name);
    const node = new PracticeNode(
      name,
      {
        containerName: container,
        hostname: name,
        image: ground.image(image),
        network: lan.networkName,
        address,
        volumeName: nodes.named(`${name}-docker`),
        userKey,
        labels: nodes.labels,
      },
      { parent: nodes, dependsOn: last?.resource ?? ground.reservation },
    );
    nodes.record(...practiceNodeParts(name, container, lan.name, address));
    return node.host;
  };

const machines: Maker = ({ identity, ground, nodes, lan, userKey, addresses }) => {
  const { folder, acceleration } = new VmDisk("vm-disk", { image: ground.image("vm") }, { parent: nodes });
  return ({ name, address, index }) => {
    const { [name]: _, ...neighbours } = addresses;
    const vm = vmName(identity, name);
    const machine = new PracticeVm(
      name,
      {
        vmName: vm,
        hostname: name,
        disk: folder,
        acceleration,
        network: lan.networkName,
        tapName: vmInterface(identity, index),
        address,
        neighbours,
        userKey,
        owner: ownerOf(identity),
      },
      { parent: nodes },
    );
    nodes.record(hostPart(name, address, { machine: vm }));
    return machine.host;
  };
};
