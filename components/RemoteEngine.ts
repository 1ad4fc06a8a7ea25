import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { SshHost } from "./host-script/HostScript.ts";

export interface RemoteEngineArgs {
  /** The machine, with the file of its private key. Its user must be let to the engine: root, or one of its group. */
  readonly host: SshHost & { readonly keyFile: pulumi.Input<string> };
}

/** Time that an idle connection is kept for the next request, in seconds. */
const KEPT_SEC = 10;

/**
 * The engine of another machine, reached over SSH with the host key pinned (dockerd(8), `ssh://`). The machine needs the
 * `docker` command, this one OpenSSH 8.5 or newer. No setting of the user's own ssh client plays a part.
 */
export class RemoteEngine extends pulumi.ComponentResource {
  /** The provider for what is to be made on that engine. */
  readonly provider: docker.Provider;

  constructor(name: string, args: RemoteEngineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("dockernet:index:RemoteEngine", name, {}, opts); // the arguments hold a private key
    const { connection, keyFile } = args.host;

    this.provider = new docker.Provider(
      name,
      {
        host: pulumi.interpolate`ssh://${connection.user ?? "root"}@${connection.host}:${connection.port ?? 22}`,
        sshOpts: pulumi.all([connection.host, connection.hostKey, keyFile]).apply((all) => sshOptions(...all)),
      },
      { parent: this },
    );

    this.registerOutputs({});
  }
}

/** Arguments of ssh: nothing asked, nothing trusted but the pinned key, and one connection for many requests. */
function sshOptions(host: string, hostKey: string, keyFile: string): string[] {
  const key = hostKey.split(/\s+/).slice(0, 2).join(" ");
  // The socket's name goes with the key: a machine made anew is never taken for the one before it at its address. It is
  // in the home folder, where nobody else can put one in its place, and short: a socket's path has 107 bytes (unix(7)).
  const socket = `~/.dockernet-${createHash("sha256").update(`${host} ${key} ${keyFile}`).digest("hex").slice(0, 12)}`;
  const options = {
    BatchMode: "yes",
    IdentitiesOnly: "yes",
    ConnectTimeout: "5",
    ServerAliveInterval: "5",
    ServerAliveCountMax: "2",
    StrictHostKeyChecking: "yes",
    HostKeyAlgorithms: "ssh-ed25519",
    UserKnownHostsFile: "/dev/null",
    GlobalKnownHostsFile: "/dev/null",
    KnownHostsCommand: `/usr/bin/env echo %H ${key}`,
    ControlMaster: "auto",
    ControlPath: `${socket}-%r`,
    ControlPersist: String(KEPT_SEC),
  };
  return [
    "-F",
    "/dev/null",
    "-i",
    keyFile,
    ...Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]),
  ];
}
