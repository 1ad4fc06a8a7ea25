import { hostname } from "node:os";
import { LabError } from "../../cli/errors.ts";
import { isRun, type Process } from "../../host/processes.ts";
import { holder, type Lock } from "../../state/locks.ts";

/** Refuses to go on where a run may still be at work on the stack: one of this host that lives, or another's. */
export function refuseLive(stack: string, locks: readonly Lock[], all: readonly Process[], backendUrl: string): void {
  for (const lock of locks) {
    const { owner, file, since } = lock;
    if (owner && owner.host !== hostname()) {
      throw new LabError(
        `environment ${stack} was locked ${age(since)} ago by process ${owner.pid} of ${owner.user} on the host ` +
          `${owner.host}; see there whether it still runs (ps ${owner.pid}), and if it does not, remove ${file}`,
      );
    }
    const run = owner ? holder(lock, all) : all.find((each) => isRun(each) && usesBackend(each, backendUrl));
    if (run) {
      throw new LabError(
        `environment ${stack} is being worked on by process ${run.pid} (${run.command.join(" ").slice(0, 120)}), ` +
          `which started ${age(new Date(run.started))} ago; wait for it, or stop it with kill -INT ${run.pid}`,
      );
    }
  }
}

const usesBackend = ({ environment }: Process, backendUrl: string): boolean =>
  environment.PULUMI_BACKEND_URL === backendUrl;

/** The time since then in its largest unit: seconds, minutes or hours. */
export function age(then: Date, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - then.getTime()) / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
