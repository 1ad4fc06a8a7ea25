import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { HostScript, type SshHost } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { gated } from "../lib/gated.ts";
import { NEVER_IN_PLACE } from "../lib/hardened.ts";
import { labelList } from "../lib/labels.ts";
import { containerPart, hostPart, type TopologyPart } from "../lib/topologyParts.ts";
import { SshKey } from "../ssh-key/SshKey.ts";

export interface PracticeNodeArgs {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Input<string>;
  /** The node's own name, by which other nodes of its network reach it, too; also in the names of scripts that run on it. */
  readonly hostname: string;
  /** Id of the image made from `images/node`, as {@link ServiceImage.imageId} gives it. */
  readonly image: pulumi.Input<string>;
  /** Name of the network that is the nodes' LAN. */
  readonly network: pulumi.Input<string>;
  /** IPv4 address of the node, one of the network's. */
  readonly address: pulumi.Input<string>;
  /** Name of the volume for `/var/lib/docker`, made and removed with the node. */
  readonly volumeName: pulumi.Input<string>;
  /** The key that root and the user `lab` let in. It must have a file. */
  readonly userKey: SshKey;
  /**
   * Time that the node may take until it is ready, in seconds.
   * @default 60
   */
  readonly readyTimeoutSec?: number;
  /**
   * Labels of the container and its volume.
   * @default - none
   */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** What systemd and an engine need beside the capabilities that every container has (docs/decisions/practice-nodes.md). */
export const CAPABILITIES = ["CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"];
/**
 * Label of the volume that says of which node it is. Another node gets another volume: of what the engine of the one before
 * it had, nothing would know any more.
 */
const NODE_LABEL = "dockernet.node";
/** Time for what surrounds the waiting, in seconds. */
const MARGIN_SEC = 15;

/**
 * A container that stands in for a virtual machine: systemd, sshd with a pinned host key, an engine of its own, and a
 * fixed address. What runs on it survives a restart of the container. Its root has power over the host that it runs
 * on, so it is for labs, and no boundary of security. Every node but the first of a network must depend on the one before it,
 * as every {@link Container} must.
 */
export class PracticeNode extends pulumi.ComponentResource {
  /** The node as root. Its address is known only once sshd and the node's engine answer. */
  readonly host: SshHost;
  /** The node as the user `lab`, who is not root, and whose scripts run by `sudo`. */
  readonly userHost: SshHost;
  /** Version of the node's engine, known like the address. */
  readonly engineVersion: pulumi.Output<string>;

  constructor(name: string, args: PracticeNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:PracticeNode", name, {}, componentOptions(opts));
    const { userKey, readyTimeoutSec = 60 } = args;
    const labels = pulumi.output(args.labels ?? {});

    const hostKey = new SshKey(`${name}-host-key`, {}, { parent: this });
    const inputs: docker.ContainerArgs = {
      name: args.containerName,
      hostname: args.hostname,
      image: args.image,
      // Left out, the mode shows as a change at every preview (pulumi-docker#1272).
      networkMode: "bridge",
      networksAdvanced: [{ name: args.network, ipv4Address: args.address, aliases: [args.hostname] }],
      capabilities: { adds: CAPABILITIES },
      securityOpts: ["seccomp=unconfined", "apparmor=unconfined"],
      tmpfs: { "/run": "exec", "/run/lock": "", "/tmp": "exec" },
      uploads: [
        { file: "/etc/ssh/authorized_keys", content: pulumi.interpolate`${userKey.publicKey}\n` },
        { file: "/etc/ssh/ssh_host_ed25519_key", content: hostKey.privateKey },
      ],
      // systemd reports to a console, which a container has with a terminal only.
      tty: true,
      envs: ["SYSTEMD_COLORS=0"],
      restart: "unless-stopped",
      // The node's engine gives its containers 10 seconds to end, as this engine gives the node.
      stopTimeout: 30,
      labels: labels.apply(labelList),
    };
    const volume = new docker.Volume(
      name,
      {
        name: args.volumeName,
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
    const host = (user: string): SshHost => ({
      kind: "ssh",
      name: args.hostname,
      connection: {
        host: gated(args.address, ready.stdout),
        user,
        privateKey: userKey.privateKey,
        hostKey: hostKey.publicKey,
      },
      keyFile: userKey.file,
      resource: container,
      storage: volume,
    });
    this.host = host("root");
    this.userHost = { ...host("lab"), sudo: true };
    this.registerOutputs({ engineVersion: this.engineVersion });
  }
}

/** A short hash over all that a node's container is made from: with another container it is another node. */
const nodeHash = (inputs: docker.ContainerArgs): pulumi.Output<string> =>
  pulumi.unsecret(
    pulumi
      .output(inputs)
      .apply((known) => createHash("sha256").update(JSON.stringify(known)).digest("hex").slice(0, 12)),
  );

/** The node in a topology: a container of this host, and the host that is in it. */
export const practiceNodeParts = (
  name: string,
  container: string,
  network: string,
  address: string,
): TopologyPart[] => [
  containerPart({ name: container, image: "node", networks: [network], address }),
  hostPart(name, address, container),
];
