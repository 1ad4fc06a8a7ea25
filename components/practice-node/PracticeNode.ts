import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { HostScript, type SshHost } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { NEVER_IN_PLACE } from "../lib/hardened.ts";
import { labelList } from "../lib/labels.ts";
import { containerPart, hostPart, type TopologyPart } from "../lib/topologyParts.ts";
import { SshKey } from "../ssh-key/SshKey.ts";
import { nodeHosts } from "./nodeHosts.ts";

export interface PracticeNodeArgs {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Input<string>;
  /**
   * The node's hostname. Other nodes on its network resolve it; it is also part of the resource names of its scripts.
   * @default - the name of the resource
   */
  readonly hostname?: string;
  /** Id of the image built from `images/node`: {@link ServiceImage.imageId}. */
  readonly image: pulumi.Input<string>;
  /** Name of the network that serves as the nodes' LAN. */
  readonly network: pulumi.Input<string>;
  /** IPv4 address of the node on that network. */
  readonly address: pulumi.Input<string>;
  /**
   * Name of the volume for `/var/lib/docker`, created and removed with the node.
   * @default - the container's name
   */
  readonly volumeName?: pulumi.Input<string>;
  /** The SSH key that root and the user `lab` accept. It must have a file. */
  readonly userKey: SshKey;
  /**
   * Time limit for the node to become ready, in seconds.
   * @default 60
   */
  readonly readyTimeoutSec?: number;
  /**
   * Labels of the container and its volume.
   * @default - none
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * Capabilities that systemd and an engine need, in addition to a container's default ones
 * (docs/decisions/practice-nodes.md).
 */
export const CAPABILITIES = ["CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"];
/**
 * Label that marks the volume's node. A different node gets a new volume, because the state knows nothing about the
 * data of the previous node's engine.
 */
const NODE_LABEL = "dockernet.node";
/** Extra time for the script itself, in seconds. */
const MARGIN_SEC = 15;

/**
 * A container that stands in for a virtual machine, with systemd, sshd with a pinned host key, its own engine, and a
 * fixed address. Services on it survive a restart of the container. Root on the node has power over the host that
 * runs it: it is for labs and not a security boundary. Every node of a network except the first must depend on the
 * previous one, like every {@link Container}.
 *
 * @example
 * ```ts
 * import { BridgeNetwork, packagedImage, PracticeNode, ServiceImage, SshKey } from "dockernet";
 *
 * const { networkName: network } = new BridgeNetwork("lan", { networkName: "lan", subnet: "192.168.174.0/24" });
 * const { imageId: image } = new ServiceImage("node", { source: packagedImage("node") });
 * const userKey = new SshKey("key", { file: ".keys/id_ed25519" });
 * const node1 = { containerName: "node1", image, network, address: "192.168.174.141", userKey };
 * export const { engineVersion } = new PracticeNode("node1", node1);
 * ```
 */
export class PracticeNode extends pulumi.ComponentResource {
  /** The node as a host, with the user root. Its address is known once sshd and the node's engine answer. */
  readonly host: SshHost;
  /** The node as a host, with the user `lab`, which is not root; scripts run through `sudo`. */
  readonly userHost: SshHost;
  /** Version of the node's engine. Known when the address is. */
  readonly engineVersion: pulumi.Output<string>;

  constructor(name: string, args: PracticeNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:PracticeNode", name, {}, componentOptions(opts));
    const { userKey, hostname = name, readyTimeoutSec = 60 } = args;
    const labels = pulumi.output(args.labels ?? {});

    const hostKey = new SshKey(`${name}-host-key`, {}, { parent: this });
    const inputs: docker.ContainerArgs = {
      name: args.containerName,
      hostname,
      image: args.image,
      // Without the mode every preview shows a change (pulumi-docker#1272).
      networkMode: "bridge",
      networksAdvanced: [{ name: args.network, ipv4Address: args.address, aliases: [hostname] }],
      capabilities: { adds: CAPABILITIES },
      securityOpts: ["seccomp=unconfined", "apparmor=unconfined"],
      tmpfs: { "/run": "exec", "/run/lock": "", "/tmp": "exec" },
      uploads: [
        { file: "/etc/ssh/authorized_keys", content: pulumi.interpolate`${userKey.publicKey}\n` },
        { file: "/etc/ssh/ssh_host_ed25519_key", content: hostKey.privateKey },
      ],
      // systemd writes to a console, which a container has only with a TTY.
      tty: true,
      envs: ["SYSTEMD_COLORS=0"],
      restart: "unless-stopped",
      // The node's engine gives its own containers 10 seconds to stop, the same as this engine gives the node.
      stopTimeout: 30,
      labels: labels.apply(labelList),
    };
    const volume = new docker.Volume(
      name,
      {
        name: args.volumeName ?? args.containerName,
        labels: pulumi
          .all([labels, nodeHash(inputs)])
          .apply(([all, hash]) => labelList({ ...all, [NODE_LABEL]: hash })),
      },
      childOptions(opts, { parent: this, deleteBeforeReplace: true }),
    );
    const container = new docker.Container(
      name,
      { ...inputs, volumes: [{ volumeName: volume.name, containerPath: "/var/lib/docker" }] },
      childOptions(opts, {
        parent: this,
        deleteBeforeReplace: true,
        replaceOnChanges: [...NEVER_IN_PLACE],
        additionalSecretOutputs: ["uploads"],
      }),
    );
    const ready = new HostScript(
      name,
      {
        host: { kind: "local" },
        script: new URL("ready.sh", import.meta.url),
        variables: {
          CONTAINER: args.containerName,
          ID: container.id,
          ADDRESS: args.address,
          HOST_KEY: hostKey.publicKey,
          KEY_FILE: userKey.file,
          WITHIN: String(readyTimeoutSec),
        },
        timeoutSec: readyTimeoutSec + MARGIN_SEC,
        expected: "[A-Za-z0-9.+~:_-]+",
      },
      childOptions(opts, { parent: this }),
    );

    this.engineVersion = ready.stdout;
    const { host, userHost } = nodeHosts(
      { hostname, address: args.address, userKey, hostKey, ready: ready.stdout },
      { resource: container, storage: volume },
    );
    this.host = host;
    this.userHost = userHost;
    this.registerOutputs({ engineVersion: this.engineVersion });
  }
}

/** A short hash of everything that defines a node's container: if it changes, it is a different node. */
const nodeHash = (inputs: docker.ContainerArgs): pulumi.Output<string> =>
  pulumi.unsecret(
    pulumi
      .output(inputs)
      .apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex").slice(0, 12)),
  );

/** The node in a topology: a container on this host, and the host in it. */
export const practiceNodeParts = (
  name: string,
  container: string,
  network: string,
  address: string,
): TopologyPart[] => [
  containerPart({ name: container, image: "node", networks: [network], address }),
  hostPart(name, address, { container }),
];
