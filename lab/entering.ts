import { existsSync } from "node:fs";
import type { Container } from "./engine.ts";
import type { Machine } from "./machine.ts";

/**
 * What puts a command of this machine's into a container's network namespace; undefined where that cannot be done. It
 * takes root and an engine on this machine, and costs a hundredth of `docker exec`, which makes a process of the
 * container's: for looks at the network only, since files and users stay those of this machine.
 */
export function entering({ local }: Machine, { pid, namespaceFile }: Container): string[] | undefined {
  const here = local && process.getuid?.() === 0 && pid !== 0 && existsSync(namespaceFile);
  return here ? ["nsenter", "--net", "--target", String(pid)] : undefined;
}
