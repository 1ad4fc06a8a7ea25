import { attempt, run } from "../toolchain/run.ts";

/** The workload of every subject: this many sleeping containers on their own bridge network. */
export interface Workload {
  /** Value of {@link BENCH_LABEL} on all objects. */
  readonly id: string;
  readonly size: number;
  /** Id of a local image with `sleep`. */
  readonly image: string;
  /** IPv4 block of the network. Never reused: a network that could not be removed keeps its block. */
  readonly subnet: string;
}

export const BENCH_LABEL = "dockernet.bench";
export const COMMAND = ["sleep", "86400"] as const;

const filter = ({ id }: Workload) => ["--quiet", "--filter", `label=${BENCH_LABEL}=${id}`];
const count = (ids: string) => ids.split("\n").filter((id) => id !== "").length;

/** Throws unless the workload runs correctly. */
export async function checkUp(workload: Workload): Promise<void> {
  const running = count(await run("docker", ["ps", ...filter(workload)]));
  if (running !== workload.size) throw new Error(`${running} containers run instead of ${workload.size}`);
}

/** Number of the workload's containers and networks on the engine. */
export async function leftovers(workload: Workload): Promise<number> {
  const kinds = [
    ["ps", "--all"],
    ["network", "ls"],
  ];
  const ids = await Promise.all(kinds.map((kind) => run("docker", [...kind, ...filter(workload)])));
  return ids.reduce((sum, each) => sum + count(each), 0);
}

/**
 * Removes leftovers of a failed run. The network may stay: an engine that lost count of its endpoints never removes it.
 */
export async function sweep(workload: Workload): Promise<void> {
  for (const id of (await run("docker", ["ps", "--all", ...filter(workload)])).split("\n").filter((each) => each)) {
    await attempt("docker", ["rm", "--force", id]);
  }
  const networks = await run("docker", ["network", "ls", ...filter(workload)]);
  for (const id of networks.split("\n").filter((each) => each)) await attempt("docker", ["network", "rm", id]);
}
