import { local, remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { dialLimits } from "../lib/dialLimits.ts";
import { unframed } from "../lib/frame.ts";
import { assignments, readScript, withVerbs } from "./scriptText.ts";

/** The host of a script: the host that runs Pulumi, or a host reached over SSH. */
export type Host = { readonly kind: "local" } | SshHost;

/** A host reached over SSH: a practice node, or one of the user's own. */
export interface SshHost {
  /** Selects SSH. */
  readonly kind: "ssh";
  /**
   * Name used in messages; the provider's own errors about keys do not name the host.
   * @default - none: messages name only the resource
   */
  readonly name?: string;
  /** SSH connection. Fails after 1 s if the connection is refused, after 16 s without an answer. */
  readonly connection: PinnedConnection;
  /**
   * Path of a file with the connection's private key, for programs that only read keys from files.
   * @default - none: they use the SSH agent at SSH_AUTH_SOCK, as the provider does for a connection without
   * `privateKey`
   */
  readonly keyFile?: pulumi.Input<string>;
  /**
   * The jump host to connect through (ProxyJump in ssh_config(5)).
   * @default - none: direct connection
   */
  readonly jump?: JumpHost;
  /**
   * Whether scripts run as root through `sudo`, which must not require a password (`NOPASSWD` in sudoers(5)).
   * @default false
   */
  readonly sudo?: boolean;
  /**
   * Time to wait for a host that is starting and refuses connections, in seconds.
   * @default 1
   */
  readonly bootSec?: number;
  /**
   * Factor for the time limits of programs that look at the host.
   * @default 1
   */
  readonly slowness?: pulumi.Input<number>;
  /**
   * The resource that creates the host, if Pulumi does. If it is replaced, `up` runs again on the new host; if it is
   * deleted, `down` does not run on it. Scripts get its id in the variable MACHINE.
   * @default - none: the host exists independently of Pulumi
   */
  readonly resource?: pulumi.CustomResource;
  /**
   * The resource that holds the data of the host's engine, if that is separate from `resource`: containers on the engine
   * survive the host's replacement with it, and are recreated when it is replaced.
   * @default - none: the engine's data is part of the host
   */
  readonly storage?: pulumi.CustomResource;
  /**
   * Whether the host no longer exists: no connection is opened, and its resources can be deleted from the state. Run an
   * `up` with this setting before the destroy.
   * @default false
   */
  readonly gone?: boolean;
}

/** A jump host, or bastion, that forwards connections (ProxyJump in ssh_config(5)). It is verified by its host key. */
export interface JumpHost {
  /** IP address or DNS name at which this host reaches it. */
  readonly address: pulumi.Input<string>;
  /** User to log in as. */
  readonly user: pulumi.Input<string>;
  /** TCP port of its SSH server. */
  readonly port: pulumi.Input<number>;
  /** Its ed25519 host key, as printed by `ssh-keyscan -t ed25519` without the host: `ssh-ed25519 AAAA…`. */
  readonly hostKey: pulumi.Input<string>;
  /**
   * The user's private key.
   * @default - none: the SSH agent at SSH_AUTH_SOCK has it
   */
  readonly privateKey?: pulumi.Input<string>;
  /**
   * Path of a file with that key, for programs that only read keys from files.
   * @default - none: they use the SSH agent
   */
  readonly keyFile?: pulumi.Input<string>;
}

/**
 * Address, user and key of a host, with its required ed25519 host key. Without a `privateKey` the provider uses the SSH
 * agent at SSH_AUTH_SOCK.
 */
export type PinnedConnection = Omit<types.input.remote.ConnectionArgs, "proxy"> & {
  /** Its ed25519 host key, as printed by `ssh-keyscan -t ed25519` without the host: `ssh-ed25519 AAAA…`. */
  readonly hostKey: pulumi.Input<string>;
};

export interface HostScriptArgs {
  /**
   * The host to run the script on.
   * @default - the host that runs Pulumi
   */
  readonly host?: Host;
  /** URL of a .sh file that defines `check`, `up` and `down` (see verbs.sh). It may include others with `. ./FILE`. */
  readonly script: URL;
  /**
   * Variables of the script. They are part of its text, so a secret variable makes the whole text secret in the state.
   * @default - none
   */
  readonly variables?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * Names of the variables that identify the thing. If one of them or the host's address changes, the old thing is
   * taken down before the new one is created. A change of any other variable, or of the script, runs `up` again.
   * @default - none
   */
  readonly identity?: readonly string[];
  /**
   * Time limit of one verb, in seconds; a creation that exceeds it is undone.
   * @default 300
   */
  readonly timeoutSec?: number;
  /**
   * Whether the script's output is secret: it is encrypted in the state and not shown while the script runs. The error
   * of a failed script still shows it.
   * @default false
   */
  readonly secretOutput?: boolean;
  /**
   * Whether `up` gets its previous output in the variable PULUMI_COMMAND_STDOUT, for a script on this host. Most SSH
   * servers reject such a variable.
   * @default false
   */
  readonly previousOutput?: boolean;
  /**
   * Extended regular expression (`grep -E`) that every output line of `up` must match. An `up` with other output, or
   * none, fails.
   * @default - any output
   */
  readonly expected?: string;
}

/** The host that runs Pulumi. */
const LOCAL: Host = { kind: "local" };
/** Time limit for undoing an `up` that timed out, in seconds. */
const UNDO_SEC = 30;
/** Inputs of a command on another host. */
const INPUTS = [
  "addPreviousOutputInEnv",
  "connection",
  "create",
  "delete",
  "environment",
  "logging",
  "stdin",
  "triggers",
  "update",
];

/**
 * Runs a shell script on a host, as one resource: `up` when it is created or changed, `down` when it is deleted. List
 * in `dependsOn` the resources that `up` needs in addition to the sources of the variables, and those that must exist
 * until `down` has run.
 *
 * @example
 * ```ts
 * import { HostScript } from "dockernet";
 *
 * // It defines the functions check, up and down, which read the variable NAME.
 * const script = new URL("forward.sh", import.meta.url);
 * new HostScript("forward", { script, variables: { NAME: "net.ipv4.ip_forward" }, identity: ["NAME"] });
 * ```
 */
export class HostScript {
  /** Output of `up`, without output of the host's login shell. Known once `up` has succeeded. */
  readonly stdout: pulumi.Output<string>;
  /** The resource, for the `dependsOn` of others. */
  readonly command: local.Command | remote.Command;

  constructor(name: string, args: HostScriptArgs, opts?: pulumi.CustomResourceOptions) {
    const { host = LOCAL, script, variables = {}, identity = [], timeoutSec = 300 } = args;

    // The variables are in the script, not in the command, which every error message repeats. sudo comes first:
    // timeout could not kill root's processes as another user.
    const root = host.kind === "ssh" && host.sudo ? "sudo -n " : "";
    const run = (verb: string) => `${root}timeout -k ${UNDO_SEC} ${timeoutSec} sh -s -- ${verb}`;
    const hostId: NonNullable<HostScriptArgs["variables"]> =
      host.kind === "ssh" && host.resource ? { MACHINE: host.resource.id } : {};
    const STEP = [pulumi.getProject(), pulumi.getStack(), name].join("-");
    const own = { ...hostId, STEP, ...(args.expected !== undefined && { EXPECTED: args.expected }) };
    const command = {
      stdin: pulumi.interpolate`${pulumi.all({ ...variables, ...own }).apply(assignments)}\n${withVerbs(readScript(script))}`,
      create: run("up"),
      update: run("update"),
      delete: run("down"),
      addPreviousOutputInEnv: args.previousOutput ?? false,
      logging: args.secretOutput ? ("none" as const) : ("stderr" as const),
    };
    const triggers = identity.map((key) => variables[key] ?? "");
    const options = pulumi.mergeOptions(opts, {
      deleteBeforeReplace: true,
      ...(args.secretOutput && { additionalSecretOutputs: ["stdout", "stderr"] }),
    });
    this.command =
      host.kind === "local"
        ? new local.Command(name, { ...command, triggers }, options)
        : remoteCommand(name, host, { ...command, triggers }, options);

    const gone = host.kind === "ssh" && host.gone === true;
    this.stdout = pulumi.all([this.command.stdout, this.command.urn]).apply(([printed, self]) => {
      const text = unframed(printed);
      if (text !== undefined) return text;
      if (gone) return printed ?? ""; // output recorded by an older version, or none: the host cannot be asked again
      if (printed === undefined) return ""; // only with Pulumi's mocks, in the unit tests of a program
      throw new pulumi.RunError(unrunProblem(host.kind === "ssh" ? host.name : undefined, printed, self));
    });
  }
}

/** Why a script has no output, although its command succeeded. */
function unrunProblem(host: string | undefined, printed: string, urn: string): string {
  const [name, where] = [urn.split("::").at(-1), host ?? "the host"];
  const said = JSON.stringify(printed.slice(0, 100));
  return (
    `${name}: the command on ${where} succeeded without running its script; it printed ${said}. ` +
    "A login shell that exits (~/.bashrc) or a forced command causes this: remove it, " +
    `then run the script again: npx pulumi up --replace '${urn}'`
  );
}

type Process = Omit<remote.CommandArgs, "connection"> & { readonly triggers: pulumi.Input<string>[] };

function remoteCommand(name: string, host: SshHost, args: Process, options: pulumi.CustomResourceOptions) {
  const { connection, resource, gone } = host;
  const command = host.name === undefined ? name : `${name}@${host.name}`;
  const limited = { ...dialLimits(host.bootSec), ...pinned(connection), ...(host.jump && { proxy: proxy(host.jump) }) };
  if (gone) {
    // Without verbs a new command opens no connection. A recorded one keeps its output, and is deleted from the state.
    const idle = { connection: limited };
    return new remote.Command(command, idle, { ...options, ignoreChanges: INPUTS, retainOnDelete: true });
  }
  // The address of a host with `resource` is no trigger: a replacement would connect to the old host, which may be lost.
  const triggers = resource ? args.triggers : [connection.host, ...args.triggers];
  return new remote.Command(command, { ...args, connection: limited, triggers }, { deletedWith: resource, ...options });
}

/**
 * The connection, with a validated host key: ed25519 only, because for RSA the provider offers SHA-1, which servers
 * reject.
 */
const pinned = <T extends { readonly hostKey: pulumi.Input<string> }>(connection: T): T => ({
  ...connection,
  hostKey: pulumi.output(connection.hostKey).apply((key) => {
    if (/^ssh-ed25519 \S+/.test(key)) return key;
    throw new pulumi.RunError(`host key: expected ssh-ed25519 and the key, got ${JSON.stringify(key.slice(0, 30))}`);
  }),
});

/** A jump host in the provider's form, with the dial limits of a host that is already up. */
const proxy = ({ address, user, port, hostKey, privateKey }: JumpHost) =>
  pinned({ ...dialLimits(), host: address, user, port, hostKey, ...(privateKey !== undefined && { privateKey }) });
