import { existsSync } from "node:fs";
import type { Container } from "./containers.ts";
import type { HostSession } from "./session.ts";

/** Returns the prefix that runs a command in a named network namespace; needs root. */
export const netnsExec = (namespace: string): string[] => ["ip", "netns", "exec", namespace];

/**
 * Returns the prefix that runs a host's command in the network namespace of a process; needs root. Files and users stay
 * the host's.
 */
export const netnsExecOfProcess = (pid: number): string[] => ["nsenter", "--net", "--target", String(pid)];

/** Whether this user may not enter a host's namespaces or list its firewall rules; over SSH the user is root. */
export const needsRoot = ({ local }: HostSession): boolean => local && process.getuid?.() !== 0;

/**
 * Returns the prefix that runs a command of this host in a container's network namespace; undefined if that is
 * impossible. Needs root and an engine on this host. Much faster than `docker exec`, which creates a process in the
 * container; only for inspecting the network.
 */
export function netnsExecOfContainer(session: HostSession, { pid, namespaceFile }: Container): string[] | undefined {
  const { local } = session;
  const here = local && !needsRoot(session) && pid !== 0 && existsSync(namespaceFile);
  return here ? netnsExecOfProcess(pid) : undefined;
}
