import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where cgroups of memory are, and the file with their limit: version 1, and version 2. */
const HIERARCHIES = [
  ["/sys/fs/cgroup/memory", "memory.limit_in_bytes"],
  ["/sys/fs/cgroup", "memory.max"],
] as const;
/** What a process that gets no more memory may still take; what it has is not counted (cgroups(7)). */
const REST_BYTES = 64 * 1024;

/** Has the kernel end a process for want of memory as soon as it asks for more; gives how to clean up after that. */
export function starve(pid: number): () => void {
  const [folder, limit] = HIERARCHIES.find(([each]) => existsSync(join(each, "cgroup.procs"))) ?? [];
  if (!folder) throw new Error("no cgroup of memory can be made here");
  const group = join(folder, `dockernet-fault-${pid}`);
  mkdirSync(group);
  writeFileSync(join(group, limit), String(REST_BYTES));
  writeFileSync(join(group, "cgroup.procs"), String(pid));
  return () => rmdirSync(group);
}
