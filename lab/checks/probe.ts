import type { Check, HostAccess } from "../../stacks/checks.ts";
import { ProbeError } from "../host/probeError.ts";
import type { HostSessions } from "../host/session.ts";
import { bounded } from "../host/sessions.ts";
import type { ProbeResult } from "./from.ts";
import { kindOf } from "./kinds.ts";

/** How long a check may take. */
export const TIMEOUT_SEC = 20;

/** How long a check may take in an environment with these hosts, any of which it may look at, in seconds. */
export const timeLimit = (hosts: Readonly<Record<string, HostAccess>>, timeoutSec = TIMEOUT_SEC): number =>
  timeoutSec * Math.max(1, ...Object.values(hosts).map(({ slowness = 1 }) => slowness));

/**
 * Makes the probe that a check describes, and gives it up after that time. A container that is missing or stopped is a
 * failed check, not an error.
 */
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
