import { readFileSync } from "node:fs";
import { local, remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { dialLimits } from "../lib/dialLimits.ts";
import { quote } from "../lib/quote.ts";

/** Where a script runs: on the machine that runs Pulumi, or over SSH. */
export type Host = { readonly kind: "local" } | SshHost;

/** A machine that is reached over SSH: a practice node, or one of the user's. */
export interface SshHost {
  readonly kind: "ssh";
  /**
   * What messages call the machine, since of a key that does not fit the provider says no more than that.
   * @default - none: a message names only the resource
   */
  readonly name?: string;
  /** How to get in. A machine that does not answer is given up after 1 second of refusals or 16 seconds of silence. */
  readonly connection: PinnedConnection;
  /**
   * Path of a file with the connection's private key, for programs that take no other form of it.
   * @default - none
   */
  readonly keyFile?: pulumi.Input<string>;
  /**
   * Whether scripts run as root by `sudo`, which must not ask for a password (`NOPASSWD` in sudoers(5)).
   * @default false
   */
  readonly sudo?: boolean;
  /**
   * Time that the machine may refuse connections before it is given up, in seconds, for one that is starting.
   * @default 1
   */
  readonly bootSec?: number;
  /**
   * The resource that the machine is, where Pulumi makes it: on another machine in its place `up` runs again, and when
   * it goes nothing is taken down on it first. Scripts find its id in the variable MACHINE.
   * @default - none: the machine is there before and after
   */
  readonly machine?: pulumi.CustomResource;
  /**
   * Whether the machine does not exist any more: nobody dials it, and what is recorded of it can be destroyed. It must
   * be said in an `up` of its own, before the destroy.
   * @default false
   */
  readonly gone?: boolean;
}

/** Address, user and key, and the ed25519 host key without which a machine is not trusted. */
export type PinnedConnection = types.input.remote.ConnectionArgs & {
  /** As a line of `ssh-keyscan -t ed25519` has it, without the host: `ssh-ed25519 AAAA…`. */
  readonly hostKey: pulumi.Input<string>;
};

export interface HostScriptArgs {
  readonly host: Host;
  /** A .sh file that defines the functions `check`, `up` and `down` (see verbs.sh). */
  readonly script: URL;
  /** Variables of the script. They are part of its text, so a secret one makes all of it secret in the state. */
  readonly variables: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * Names among the variables that say which thing this is: a change of theirs takes the old thing down before the
   * new one is made, as does another address of the host. A change of any other variable, or of the script, runs
   * `up` again.
   * @default - none
   */
  readonly identity?: readonly string[];
  /**
   * Time that one verb may take, in seconds; what was being made by then is undone.
   * @default 300
   */
  readonly timeoutSec?: number;
  /**
   * Whether what the script prints is a secret: it is encrypted in the state and not shown while the script runs. In
   * the error of a script that fails it is shown all the same.
   * @default false
   */
  readonly secretOutput?: boolean;
  /**
   * Whether `up` finds what it printed the last time in the variable PULUMI_COMMAND_STDOUT, for a script on this
   * machine. Most servers refuse such a variable over SSH.
   * @default false
   */
  readonly previousOutput?: boolean;
  /**
   * What must be there before `up` runs, and stay until `down` has run, beside what the variables come from.
   * @default - nothing
   */
  readonly after?: readonly pulumi.Resource[];
}

/** Time to undo an `up` that ran out of time, in seconds. */
const UNDO_SEC = 30;
/** All inputs of a command on another machine. */
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
const VERBS = readFileSync(new URL("verbs.sh", import.meta.url), "utf8");

/** One script on one host: `up` when it is created or changed, `down` when it is deleted. */
export class HostScript extends pulumi.ComponentResource {
  /** What `up` printed. Known only once it has succeeded. */
  readonly stdout: pulumi.Output<string>;

  constructor(name: string, args: HostScriptArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:HostScript", name, {}, opts); // the arguments would put keys into the state, unencrypted
    const { host, script, variables, identity = [], timeoutSec = 300, after = [] } = args;

    // The variables are in the script and not before the command, which every error message repeats. sudo comes first:
    // what root runs, timeout could not stop as another user.
    const root = host.kind === "ssh" && host.sudo ? "sudo -n " : "";
    const run = (verb: string) => `${root}timeout -k ${UNDO_SEC} ${timeoutSec} sh -s -- ${verb}`;
    const machine: HostScriptArgs["variables"] =
      host.kind === "ssh" && host.machine ? { MACHINE: host.machine.id } : {};
    const STEP = [pulumi.getProject(), pulumi.getStack(), name].join("-");
    const command = {
      stdin: pulumi.interpolate`${assignments({ ...variables, ...machine, STEP })}\n${readFileSync(script, "utf8")}\n${VERBS}`,
      create: run("up"),
      update: run("update"),
      delete: run("down"),
      addPreviousOutputInEnv: args.previousOutput ?? false,
      ...(args.secretOutput && { logging: "none" as const }),
    };
    const triggers = identity.map((key) => variables[key] ?? "");
    const options: pulumi.CustomResourceOptions = {
      parent: this,
      deleteBeforeReplace: true,
      dependsOn: [...after],
      ...(args.secretOutput && { additionalSecretOutputs: ["stdout", "stderr"] }),
    };
    const { stdout } =
      host.kind === "local"
        ? new local.Command(name, { ...command, triggers }, options)
        : remoteCommand(name, host, { ...command, triggers }, options);

    this.stdout = stdout;
    this.registerOutputs({ stdout });
  }
}

type Process = Omit<remote.CommandArgs, "connection"> & { readonly triggers: pulumi.Input<string>[] };

function remoteCommand(name: string, host: SshHost, args: Process, options: pulumi.CustomResourceOptions) {
  const { connection, machine, gone } = host;
  const command = host.name === undefined ? name : `${name}@${host.name}`;
  const limited = { ...dialLimits(host.bootSec), ...pinned(connection) };
  if (gone) {
    // Without verbs a new command dials nobody. One that is recorded keeps what it has, and is forgotten in the end.
    const idle = { connection: limited };
    return new remote.Command(command, idle, { ...options, ignoreChanges: INPUTS, retainOnDelete: true });
  }
  // A machine's own address is no trigger: to replace, the provider would dial the old machine, which may be lost.
  const triggers = machine ? args.triggers : [connection.host, ...args.triggers];
  return new remote.Command(command, { ...args, connection: limited, triggers }, { ...options, deletedWith: machine });
}

/** The variables as lines of sh, in one order. */
function assignments(variables: HostScriptArgs["variables"]): pulumi.Output<string> {
  const sorted = Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([key, value]) => pulumi.output(value).apply((text) => `${key}=${quote(text)}`));
  return pulumi.all(lines).apply((all) => all.join("\n"));
}

/** The connection, if its host key is one that works: the provider offers SHA-1 for RSA, which no server accepts. */
const pinned = (connection: PinnedConnection): PinnedConnection => ({
  ...connection,
  hostKey: pulumi.output(connection.hostKey).apply((key) => {
    if (/^ssh-ed25519 \S+/.test(key)) return key;
    throw new pulumi.RunError(`host key: expected ssh-ed25519 and the key, got ${JSON.stringify(key.slice(0, 30))}`);
  }),
});
