import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { HostScript, type SshHost } from "../host-script/HostScript.ts";
import { labelList } from "../lib/labels.ts";
import { SshKey } from "../ssh-key/SshKey.ts";

export interface PracticeNodeArgs {
  /** The container's name on the engine. */
  readonly containerName: string;
  /** The node's own name, by which other nodes of its network reach it, too. */
  readonly hostname: string;
  /** Id of the image made from `images/node`, as {@link ServiceImage.imageId} gives it. */
  readonly image: pulumi.Input<string>;
  /** Name of the network that is the nodes' LAN. */
  readonly network: pulumi.Input<string>;
  /** IPv4 address of the node, one of the network's. */
  readonly address: string;
  /** Name of the volume for `/var/lib/docker`, made and removed with the node. */
  readonly volumeName: string;
  /** The key that root and the user `lab` let in. It must have a file. */
  readonly userKey: SshKey;
  /**
   * The node, or another container, that joined the same network before: this one is created when that one is there, and
   * removed before it. Needed for every container of a network but the first (docs/decisions/teardown.md).
   * The first one may be made after something else, such as an {@link AddressClaim}.
   * @default - none: this is the network's first container
   */
  readonly after?: pulumi.Resource;
  /**
   * Time that the node may take until it is ready, in seconds.
   * @default 60
   */
  readonly readyTimeoutSec?: number;
  /** Labels of the container and its volume. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What systemd and an engine need beside the capabilities that every container has (docs/decisions/practice-nodes.md). */
const CAPABILITIES = ["CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"];
/** Time for what surrounds the waiting, in seconds. */
const MARGIN_SEC = 15;

/**
 * A container that stands in for a virtual machine: systemd, sshd with a pinned host key, an engine of its own, and a
 * fixed address. What runs on it survives a restart of the container. Its root has power over the machine that it runs
 * on, so it is for labs, and no boundary of security.
 */
export class PracticeNode extends pulumi.ComponentResource {
  /** The node as root. Its address is known only once sshd and the node's engine answer. */
  readonly host: SshHost;
  /** The node as the user `lab`, who is not root, and whose scripts run by `sudo`. */
  readonly userHost: SshHost;
  /** Version of the node's engine, known like the address. */
  readonly engineVersion: pulumi.Output<string>;

  constructor(name: string, args: PracticeNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:PracticeNode", name, {}, opts); // the arguments hold a private key
    const { userKey, readyTimeoutSec = 60 } = args;

    const hostKey = new SshKey(`${name}-host-key`, {}, { parent: this });
    const volume = new docker.Volume(
      name,
      { name: args.volumeName, labels: labelList(args.labels) },
      { parent: this, deleteBeforeReplace: true, dependsOn: args.after && [args.after] },
    );
    const container = new docker.Container(
      name,
      {
        name: args.containerName,
        hostname: args.hostname,
        image: args.image,
        // Left out, the mode shows as a change at every preview (pulumi-docker#1272).
        networkMode: "bridge",
        networksAdvanced: [{ name: args.network, ipv4Address: args.address, aliases: [args.hostname] }],
        capabilities: { adds: CAPABILITIES },
        securityOpts: ["seccomp=unconfined", "apparmor=unconfined"],
        tmpfs: { "/run": "exec", "/run/lock": "", "/tmp": "exec" },
        volumes: [{ volumeName: volume.name, containerPath: "/var/lib/docker" }],
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
        labels: labelList(args.labels),
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        additionalSecretOutputs: ["uploads"],
        dependsOn: args.after && [args.after],
      },
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
      },
      { parent: this },
    );

    this.engineVersion = ready.stdout;
    const host = (user: string): SshHost => ({
      kind: "ssh",
      name: args.hostname,
      connection: {
        host: ready.stdout.apply(() => args.address),
        user,
        privateKey: userKey.privateKey,
        hostKey: hostKey.publicKey,
      },
      keyFile: userKey.file,
      machine: container,
    });
    this.host = host("root");
    this.userHost = { ...host("lab"), sudo: true };
    this.registerOutputs({ engineVersion: this.engineVersion });
  }
}
