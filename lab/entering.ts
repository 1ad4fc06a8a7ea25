import { existsSync } from "node:fs";
import type { Container } from "./engine.ts";
import type { Machine } from "./machine.ts";

/** What goes before a command to run it in a network namespace that has a name; it needs root. */
export const enteringNamespace = (namespace: string): string[] => ["ip", "netns", "exec", namespace];

/**
 * What goes before a command of a machine's to run it in the network namespace of a process; it needs root. Files and
 * users stay those of the machine.
 */
export const enteringProcess = (pid: number): string[] => ["nsenter", "--net", "--target", String(pid)];

/**
 * What puts a command of this machine's into a container's network namespace; undefined where that cannot be done. It
 * takes root and an engine on this machine, and a small part of the time of `docker exec`, which makes a process of the
 * container's: for looks at the network only.
 */
export function enteringContainer({ local }: Machine, { pid, namespaceFile }: Container): string[] | undefined {
  const here = local && process.getuid?.() === 0 && pid !== 0 && existsSync(namespaceFile);
  return here ? enteringProcess(pid) : undefined;
}
