import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Paths of memory cgroups and the file with their limit: version 1 and version 2. */
const HIERARCHIES = [
  ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"],
  ["/sys/fs/cgroup", "memory.max"],
] as const;
/** Additional memory that a process may use; what it already uses is not counted (cgroups(7)). */
const REST_BYTES = 64 * 1024;

/** Makes the kernel kill a process for lack of memory as soon as it allocates more; returns a cleanup function. */
export function starve(pid: number): () => void {
  const [folder, limit] = HIERARCHIES.find(([each]) => existsSync(join(each, "cgroup.procs"))) ?? [];
  if (!folder) throw new Error("cannot create a memory cgroup on this machine");
  const group = join(folder, `dockernet-fault-${pid}`);
  mkdirSync(group);
  writeFileSync(join(group, limit), String(REST_BYTES));
  writeFileSync(join(group, "cgroup.procs"), String(pid));
  return () => rmdirSync(group);
}
