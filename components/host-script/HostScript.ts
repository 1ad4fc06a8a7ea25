import { readFileSync } from "node:fs";
import { local, remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentOptions } from "../lib/childOptions.ts";
import { dialLimits } from "../lib/dialLimits.ts";
import { unframed } from "../lib/frame.ts";
import { quote } from "../lib/quote.ts";
import { withVerbs } from "./withVerbs.ts";

/** Where a script runs: on the host that runs Pulumi, or over SSH. */
export type Host = { readonly kind: "local" } | SshHost;

/** A host that is reached over SSH: a practice node, or one of the user's. */
export interface SshHost {
  readonly kind: "ssh";
  /**
   * What messages call the host, since of a key that does not fit the provider says no more than that.
   * @default - none: a message names only the resource
   */
  readonly name?: string;
  /** How to get in. A host that does not answer is given up after 1 second of refusals or 16 seconds of silence. */
  readonly connection: PinnedConnection;
  /**
   * Path of a file with the connection's private key, for programs that take no other form of it.
   * @default - none: they ask the ssh agent at SSH_AUTH_SOCK, as the provider does for a connection without `privateKey`
   */
  readonly keyFile?: pulumi.Input<string>;
  /**
   * The jump host through which the host is reached (ProxyJump in ssh_config(5)).
   * @default - none: it is reached straight
   */
  readonly jump?: JumpHost;
  /**
   * Whether scripts run as root by `sudo`, which must not ask for a password (`NOPASSWD` in sudoers(5)).
   * @default false
   */
  readonly sudo?: boolean;
  /**
   * Time that the host may refuse connections before it is given up, in seconds, for one that is starting.
   * @default 1
   */
  readonly bootSec?: number;
  /**
   * The resource that the host is, where Pulumi makes it, used as `deletedWith` by everything on the host: on another host in its
   * place `up` runs again, and when it goes nothing is taken down on it first. Scripts find its id in the variable HOST.
   * @default - none: the host is there before and after
   */
  readonly resource?: pulumi.CustomResource;
  /**
   * The resource that holds what the host's engine has, where that is another one: containers on the engine outlive the
   * host with it, and are made again with another one.
   * @default - none: the engine keeps what it has
   */
  readonly storage?: pulumi.CustomResource;
  /**
   * Whether the host does not exist any more: nobody dials it, and what is recorded of it can be destroyed. It must
   * be said in an `up` of its own, before the destroy.
   * @default false
   */
  readonly gone?: boolean;
}

/** A host that passes connections on (ProxyJump in ssh_config(5)), a bastion. It is trusted by its host key alone. */
export interface JumpHost {
  /** Address or name at which this host reaches it. */
  readonly address: pulumi.Input<string>;
  readonly user: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
  /** As a line of `ssh-keyscan -t ed25519` has it, without the host: `ssh-ed25519 AAAA…`. */
  readonly hostKey: pulumi.Input<string>;
  /**
   * The user's private key.
   * @default - none: the ssh agent at SSH_AUTH_SOCK has it
   */
  readonly privateKey?: pulumi.Input<string>;
  /**
   * Path of a file with that key, for programs that take no other form of it.
   * @default - none: they ask the ssh agent
   */
  readonly keyFile?: pulumi.Input<string>;
}

/**
 * Address, user and key, and the ed25519 host key without which a host is not trusted. Without a `privateKey` the
 * provider asks the ssh agent at SSH_AUTH_SOCK.
 */
export type PinnedConnection = Omit<types.input.remote.ConnectionArgs, "proxy"> & {
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
   * host. Most servers refuse such a variable over SSH.
   * @default false
   */
  readonly previousOutput?: boolean;
  /**
   * An extended regular expression, as `grep -E` has it, for every line that `up` prints. An `up` that prints anything
   * else, or nothing, has failed.
   * @default - it prints whatever it likes
   */
  readonly expected?: string;
}

/** Time to undo an `up` that ran out of time, in seconds. */
const UNDO_SEC = 30;
/** All inputs of a command on another host. */
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
 * One script on one host: `up` when it is created or changed, `down` when it is deleted. What `up` needs beside what the
 * variables come from, and what must stay until `down` has run, is its `dependsOn`.
 */
export class HostScript extends pulumi.ComponentResource {
  /** What `up` printed, and nothing of what the host's login shell did. Known only once it has succeeded. */
  readonly stdout: pulumi.Output<string>;

  constructor(name: string, args: HostScriptArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:HostScript", name, {}, componentOptions(opts));
    const { host, script, variables, identity = [], timeoutSec = 300 } = args;

    // The variables are in the script and not before the command, which every error message repeats. sudo comes first:
    // what root runs, timeout could not stop as another user.
    const root = host.kind === "ssh" && host.sudo ? "sudo -n " : "";
    const run = (verb: string) => `${root}timeout -k ${UNDO_SEC} ${timeoutSec} sh -s -- ${verb}`;
    const hostId: HostScriptArgs["variables"] =
      host.kind === "ssh" && host.resource ? { MACHINE: host.resource.id } : {};
    const STEP = [pulumi.getProject(), pulumi.getStack(), name].join("-");
    const own = { ...hostId, STEP, ...(args.expected !== undefined && { EXPECTED: args.expected }) };
    const command = {
      stdin: pulumi.interpolate`${assignments({ ...variables, ...own })}\n${withVerbs(readFileSync(script, "utf8"))}`,
      create: run("up"),
      update: run("update"),
      delete: run("down"),
      addPreviousOutputInEnv: args.previousOutput ?? false,
      logging: args.secretOutput ? ("none" as const) : ("stderr" as const),
    };
    const triggers = identity.map((key) => variables[key] ?? "");
    const options = childOptions<pulumi.CustomResourceOptions>(opts, {
      parent: this,
      deleteBeforeReplace: true,
      ...(args.secretOutput && { additionalSecretOutputs: ["stdout", "stderr"] }),
    });
    const { stdout, urn } =
      host.kind === "local"
        ? new local.Command(name, { ...command, triggers }, options)
        : remoteCommand(name, host, { ...command, triggers }, options);

    const gone = host.kind === "ssh" && host.gone === true;
    this.stdout = pulumi.all([stdout, urn]).apply(([printed, self]) => {
      const text = unframed(printed);
      if (text !== undefined) return text;
      if (gone) return printed ?? ""; // what an older version recorded, or nothing: nobody can ask again
      throw new pulumi.RunError(unrunProblem(host.kind === "ssh" ? host.name : undefined, printed, self));
    });
    this.registerOutputs({ stdout: this.stdout });
  }
}

/** Why there is no answer of a script, although its host said that all went well. */
function unrunProblem(host: string | undefined, printed: string, urn: string): string {
  const [name, where] = [urn.split("::").at(-1), host ?? "the host"];
  const said = JSON.stringify(printed.slice(0, 100));
  return (
    `${name}: ${where} ended the command with success and never ran its script; it printed ${said}. ` +
    "A login shell that exits (~/.bashrc) or a forced command does so: take that away, " +
    `then run the script again: npx pulumi up --replace '${urn}'`
  );
}

type Process = Omit<remote.CommandArgs, "connection"> & { readonly triggers: pulumi.Input<string>[] };

function remoteCommand(name: string, host: SshHost, args: Process, options: pulumi.CustomResourceOptions) {
  const { connection, resource, gone } = host;
  const command = host.name === undefined ? name : `${name}@${host.name}`;
  const limited = { ...dialLimits(host.bootSec), ...pinned(connection), ...(host.jump && { proxy: proxy(host.jump) }) };
  if (gone) {
    // Without verbs a new command dials nobody. One that is recorded keeps what it has, and is forgotten in the end.
    const idle = { connection: limited };
    return new remote.Command(command, idle, { ...options, ignoreChanges: INPUTS, retainOnDelete: true });
  }
  // The address of a host that Pulumi makes is no trigger: to replace, the provider would dial the old host, which may be lost.
  const triggers = resource ? args.triggers : [connection.host, ...args.triggers];
  return new remote.Command(command, { ...args, connection: limited, triggers }, { deletedWith: resource, ...options });
}

/** The variables as lines of sh, in one order. */
function assignments(variables: HostScriptArgs["variables"]): pulumi.Output<string> {
  const sorted = Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([key, value]) => pulumi.output(value).apply((text) => `${key}=${quote(text)}`));
  return pulumi.all(lines).apply((all) => all.join("\n"));
}

/** The connection, if its host key is one that works: the provider offers SHA-1 for RSA, which no server accepts. */
const pinned = <T extends { readonly hostKey: pulumi.Input<string> }>(connection: T): T => ({
  ...connection,
  hostKey: pulumi.output(connection.hostKey).apply((key) => {
    if (/^ssh-ed25519 \S+/.test(key)) return key;
    throw new pulumi.RunError(`host key: expected ssh-ed25519 and the key, got ${JSON.stringify(key.slice(0, 30))}`);
  }),
});

/** A jump host as the provider takes it. It is up already, whatever is booting behind it. */
const proxy = ({ address, user, port, hostKey, privateKey }: JumpHost) =>
  pinned({ ...dialLimits(), host: address, user, port, hostKey, ...(privateKey !== undefined && { privateKey }) });
