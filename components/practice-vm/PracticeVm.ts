import * as pulumi from "@pulumi/pulumi";
import { HostScript, type SshHost } from "../host-script/HostScript.ts";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { nodeHosts } from "../practice-node/nodeHosts.ts";
import { SshKey } from "../ssh-key/SshKey.ts";
import { EMULATED_SLOWNESS, READY_MARGIN_SEC, VM_DEFAULTS } from "./defaults.ts";
import type { Acceleration } from "./VmDisk.ts";

export interface PracticeVmArgs {
  /** The machine's name on this host: letters, digits, `.`, `_` and `-`. */
  readonly vmName: pulumi.Input<string>;
  /** Its hostname. It is also part of the resource names of its scripts. */
  readonly hostname: string;
  /** The disk that it starts from: {@link VmDisk.folder}. */
  readonly disk: pulumi.Input<string>;
  /** How QEMU runs it: {@link VmDisk.acceleration}. */
  readonly acceleration: pulumi.Input<Acceleration>;
  /** Name of the Docker network of this host that serves as the nodes' LAN. */
  readonly network: pulumi.Input<string>;
  /** Name of the interface on that network's bridge, of at most 15 bytes. */
  readonly tapName: pulumi.Input<string>;
  /** IPv4 address of the machine on that network. */
  readonly address: pulumi.Input<string>;
  /**
   * Other hosts that it knows by name (hosts(5)): their IPv4 addresses, by name.
   * @default - none
   */
  readonly neighbours?: Readonly<Record<string, string>>;
  /** The SSH key that root and the user `lab` accept. It must have a file. */
  readonly userKey: SshKey;
  /** `PROJECT/STACK`, the owner's mark of all that it has on this host. */
  readonly owner: string;
  /**
   * Memory in MiB.
   * @default 1024
   */
  readonly memoryMiB?: number;
  /**
   * Number of processors.
   * @default 1
   */
  readonly cpus?: number;
  /**
   * Size of its disk in MiB. The disk takes only what is written to it.
   * @default 8192
   */
  readonly diskMiB?: number;
  /**
   * Time limit for the machine to become ready with KVM, in seconds.
   * @default 60
   */
  readonly readyTimeoutSec?: number;
  /**
   * The same in software emulation.
   * @default 600
   */
  readonly emulatedReadyTimeoutSec?: number;
}

/** Time for a machine in software emulation that is starting again to accept connections, in seconds. */
const BOOT_SEC = 120;

/**
 * A virtual machine with systemd, sshd with a pinned host key, its own engine, and a fixed address, which QEMU runs on this
 * host: by KVM where that works, else in software emulation. Needs root. It yields the same host as a
 * {@link PracticeNode}, has a kernel of its own, and is started again when it ends; after a restart of this host systemd starts it, or
 * `lab recover` where there is none. Its engine's data is on its disk: a different image, network,
 * address or disk size makes a new machine, and more memory only restarts it.
 */
export class PracticeVm extends pulumi.ComponentResource {
  /** The machine as a host, with the user root. Its address is known once sshd and its engine answer. */
  readonly host: SshHost;
  /** The machine as a host, with the user `lab`, which is not root; scripts run through `sudo`. */
  readonly userHost: SshHost;
  /** Version of its engine. Known when the address is. */
  readonly engineVersion: pulumi.Output<string>;

  constructor(name: string, args: PracticeVmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:PracticeVm", name, {}, componentOptions(opts));
    const { userKey } = args;
    const { memoryMiB = VM_DEFAULTS.memoryMiB, cpus = VM_DEFAULTS.cpus, diskMiB = VM_DEFAULTS.diskMiB } = args;
    const { readyTimeoutSec = VM_DEFAULTS.readyTimeoutSec } = args;
    const { emulatedReadyTimeoutSec = VM_DEFAULTS.emulatedReadyTimeoutSec } = args;

    const hostKey = new SshKey(`${name}-host-key`, {}, { parent: this });
    const machine = new HostScript(
      name,
      {
        host: { kind: "local" },
        script: new URL("vm.sh", import.meta.url),
        variables: {
          NAME: args.vmName,
          OWNER: args.owner,
          DISK: args.disk,
          DISK_MIB: String(diskMiB),
          MEMORY_MIB: String(memoryMiB),
          CPUS: String(cpus),
          NETWORK: args.network,
          TAP: args.tapName,
          ADDRESS: args.address,
          NODE_NAME: args.hostname,
          NEIGHBOURS: Object.entries(args.neighbours ?? {})
            .map(([neighbour, address]) => `${address} ${neighbour}\n`)
            .join(""),
          ACCELERATION: args.acceleration,
          HOST_KEY: hostKey.privateKey,
          AUTHORIZED_KEY: userKey.publicKey,
        },
        identity: ["NAME", "DISK", "DISK_MIB", "NETWORK", "TAP", "ADDRESS", "NODE_NAME"],
      },
      childOptions(opts, { parent: this }),
    );
    const ready = new HostScript(
      `${name}-ready`,
      {
        host: { kind: "local" },
        script: new URL("ready.sh", import.meta.url),
        variables: {
          NAME: args.vmName,
          OWNER: args.owner,
          ID: machine.command.id,
          ACCELERATION: args.acceleration,
          ADDRESS: args.address,
          HOST_KEY: hostKey.publicKey,
          KEY_FILE: userKey.file,
          WITHIN: String(readyTimeoutSec),
          EMULATED_WITHIN: String(emulatedReadyTimeoutSec),
        },
        timeoutSec: Math.max(readyTimeoutSec, emulatedReadyTimeoutSec) + READY_MARGIN_SEC,
        expected: "[A-Za-z0-9.+~:_-]+",
      },
      childOptions(opts, { parent: this }),
    );

    this.engineVersion = ready.stdout;
    const { host, userHost } = nodeHosts(
      { hostname: args.hostname, address: args.address, userKey, hostKey, ready: ready.stdout },
      {
        bootSec: BOOT_SEC,
        slowness: pulumi.output(args.acceleration).apply((how) => (how === "kvm" ? 1 : EMULATED_SLOWNESS)),
        resource: machine.command,
      },
    );
    this.host = host;
    this.userHost = userHost;
    this.registerOutputs({ engineVersion: this.engineVersion });
  }
}
