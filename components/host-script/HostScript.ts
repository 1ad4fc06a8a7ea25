import { readFileSync } from "node:fs";
import { local, remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { quote } from "../lib/quote.ts";

/** Where a script runs: on the machine that runs Pulumi, or over SSH. */
export type Host = { readonly kind: "local" } | { readonly kind: "ssh"; readonly connection: PinnedConnection };

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
   * What must be there before `up` runs, and stay until `down` has run, beside what the variables come from.
   * @default - nothing
   */
  readonly after?: readonly pulumi.Resource[];
}

/** Time to undo an `up` that ran out of time, in seconds. */
const UNDO_SEC = 30;
const VERBS = readFileSync(new URL("verbs.sh", import.meta.url), "utf8");

/** One script on one host: `up` when it is created or changed, `down` when it is deleted. */
export class HostScript extends pulumi.ComponentResource {
  /** What `up` printed. Known only once it has succeeded. */
  readonly stdout: pulumi.Output<string>;

  constructor(name: string, args: HostScriptArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:HostScript", name, {}, opts); // the arguments would put keys into the state, unencrypted
    const { host, script, variables, identity = [], timeoutSec = 300, after = [] } = args;

    // The variables are in the script and not before the command, which every error message repeats.
    const run = (verb: string) => `timeout -k ${UNDO_SEC} ${timeoutSec} sh -s -- ${verb}`;
    const command = {
      stdin: pulumi.interpolate`${assignments(variables)}\n${readFileSync(script, "utf8")}\n${VERBS}`,
      create: run("up"),
      update: run("update"),
      delete: run("down"),
      addPreviousOutputInEnv: false,
    };
    const triggers = identity.map((key) => variables[key] ?? "");
    const options = { parent: this, deleteBeforeReplace: true, dependsOn: [...after] };
    const { stdout } =
      host.kind === "local"
        ? new local.Command(name, { ...command, triggers }, options)
        : new remote.Command(
            name,
            { ...command, connection: pinned(host.connection), triggers: [host.connection.host, ...triggers] },
            options,
          );

    this.stdout = stdout;
    this.registerOutputs({ stdout });
  }
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
