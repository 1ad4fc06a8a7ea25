import { createHash } from "node:crypto";

/** Time that an idle connection is kept for the next request, in seconds. */
const KEPT_SEC = 10;

/** Arguments of ssh: nothing asked, nothing trusted but the pinned key, and one connection for many requests. */
export function sshOptions(host: string, hostKey: string, keyFile: string): string[] {
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
