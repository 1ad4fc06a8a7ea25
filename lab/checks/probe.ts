import type { Check, HostAccess } from "../../stacks/checks.ts";
import { ProbeError } from "../host/probeError.ts";
import type { HostSessions } from "../host/session.ts";
import { bounded } from "../host/sessions.ts";
import type { ProbeResult } from "./from.ts";
import { kindOf } from "./kinds.ts";

/** Timeout of a check. */
export const TIMEOUT_SEC = 20;

/** Returns the factor of the slowest host. */
export const slowest = (hosts: Readonly<Record<string, HostAccess>>): number =>
  Math.max(1, ...Object.values(hosts).map(({ slowness = 1 }) => slowness));

/** Returns the timeout of a check, in seconds, in an environment with these hosts; the check may use any of them. */
export const timeLimit = (hosts: Readonly<Record<string, HostAccess>>, timeoutSec = TIMEOUT_SEC): number =>
  timeoutSec * slowest(hosts);

/** Runs the probe of a check with a timeout. A missing or stopped container is a failed check, not an error. */
export async function probe(check: Check, sessions: HostSessions, timeoutSec = TIMEOUT_SEC): Promise<ProbeResult> {
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => {
      resolve({ passed: false, actual: `no answer in ${timeoutSec} s` });
      deadline.abort();
    }, timeoutSec * 1_000);
  });
  try {
    const { signal } = deadline;
    return await Promise.race([kindOf(check).probe(check, bounded(sessions, signal), signal), late]);
  } catch (error) {
    if (error instanceof ProbeError) return { passed: false, actual: error.message };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
