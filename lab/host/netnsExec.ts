import { existsSync } from "node:fs";
import type { Container } from "./containers.ts";
import type { HostSession } from "./session.ts";

/** What goes before a command to run it in a network namespace that has a name; it needs root. */
export const netnsExec = (namespace: string): string[] => ["ip", "netns", "exec", namespace];

/**
 * What goes before a command of a host's to run it in the network namespace of a process; it needs root. Files and
 * users stay those of the host.
 */
export const netnsExecOfProcess = (pid: number): string[] => ["nsenter", "--net", "--target", String(pid)];

/** Whether only another user may enter a host's namespaces and list the rules of its firewall: over SSH it is root. */
export const needsRoot = ({ local }: HostSession): boolean => local && process.getuid?.() !== 0;

/**
 * What puts a command of this host's into a container's network namespace; undefined where that cannot be done. It
 * takes root and an engine on this host, and a small part of the time of `docker exec`, which makes a process of the
 * container's: for looks at the network only.
 */
export function netnsExecOfContainer(session: HostSession, { pid, namespaceFile }: Container): string[] | undefined {
  const { local } = session;
  const here = local && !needsRoot(session) && pid !== 0 && existsSync(namespaceFile);
  return here ? netnsExecOfProcess(pid) : undefined;
}
