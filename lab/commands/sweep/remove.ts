import { assignments, readScript, withVerbs } from "../../../components/host-script/scriptText.ts";
import { errorTail } from "../../../toolchain/run.ts";
import { markOf } from "./ours.ts";
import { SCRIPTS, type Scripted } from "./scripts.ts";
import type { Leftover } from "./survey.ts";

/** What became of a leftover. `gone`: it was removed in the meantime. `stays` and `failed` have a reason. */
export interface Removal {
  readonly leftover: Leftover;
  readonly outcome: "removed" | "gone" | "stays" | "failed";
  readonly reason: string;
}

/** How long Docker may take for one object, and a script, which may have to stop a member or restart an engine. */
const DOCKER_MS = 60_000;
const SCRIPT_SEC = 300;
const KILL_SEC = 30;

/**
 * Removes leftovers one after the other, in the order that {@link survey} gave them: an engine that removes two
 * containers of a network at once may lose count of its endpoints (docs/decisions/teardown.md). Goes on after a failure.
 */
export async function removeLeftovers(
  leftovers: readonly Leftover[],
  report: (removal: Removal) => void = () => {},
): Promise<Removal[]> {
  const removals: Removal[] = [];
  for (const leftover of leftovers) {
    const removal = leftover.stays
      ? { leftover, outcome: "stays" as const, reason: leftover.stays }
      : await remove(leftover);
    report(removal);
    removals.push(removal);
  }
  return removals;
}

async function remove(leftover: Leftover): Promise<Removal> {
  try {
    await run(leftover);
    return { leftover, outcome: "removed", reason: "" };
  } catch (error) {
    const outcome = (await isGone(leftover)) ? "gone" : "failed";
    return { leftover, outcome, reason: outcome === "gone" ? "" : errorTail(error, 2) };
  }
}

function run({ kind, id, name, environment, on }: Leftover): Promise<string> {
  const OWNER = markOf(environment);
  switch (kind) {
    case "container":
      return on.run(["docker", "container", "rm", "--force", "--volumes", id], DOCKER_MS);
    case "network":
    case "volume":
      return on.run(["docker", kind, "rm", id], DOCKER_MS);
    case "interface":
    case "namespace":
    case "virtual machine":
      return down(kind, { NAME: name, OWNER });
    case "cluster store":
    case "swarm node":
      return down(kind, {});
    case "etcd member":
      return down(kind, { NAME: name });
    case "key file":
      return down(kind, { FILE: name });
  }

  /** Runs the verb `down` of a kind's script, as HostScript does at a destroy. */
  function down(script: Scripted, variables: Readonly<Record<string, string>>): Promise<string> {
    const text = `${assignments(variables)}\n${withVerbs(readScript(SCRIPTS[script]))}`;
    const bounded = ["timeout", "-k", String(KILL_SEC), String(SCRIPT_SEC)];
    return on.run([...bounded, "sh", "-c", text, "sh", "down"], (SCRIPT_SEC + 2 * KILL_SEC) * 1_000);
  }
}

/** Whether the engine says that it has no such object; what a script removes it does not mind when it is gone. */
async function isGone({ kind, id, on }: Leftover): Promise<boolean> {
  const lists: Partial<Record<typeof kind, string[]>> = {
    container: ["docker", "ps", "--all", "--quiet", "--no-trunc"],
    network: ["docker", "network", "ls", "--quiet", "--no-trunc"],
    volume: ["docker", "volume", "ls", "--quiet"],
  };
  const list = lists[kind];
  const listed = list && (await on.attempt(list));
  return listed !== undefined && !listed.split("\n").includes(id);
}
