import type { Check } from "../../stacks/checks.ts";
import type { Machines } from "../host/machine.ts";
import { bounded } from "../host/machines.ts";
import { ProbeError } from "../host/probeError.ts";
import type { Finding } from "./probes/from.ts";
import {
  attached,
  bridged,
  driver,
  environment,
  interfaces,
  isPrivate,
  oneInterface,
  published,
  stack,
} from "./probes/look.ts";
import { duplicate, process, quorum, shared, store, stored, versions, vxlan } from "./probes/overlay.ts";
import { counts, dns, http, ping, tcp } from "./probes/reach.ts";

/** How long a check may take. */
export const TIMEOUT_SEC = 20;

type Probe<K extends Check["kind"]> = (
  check: Extract<Check, { kind: K }>,
  machines: Machines,
  signal: AbortSignal,
) => Promise<Finding>;

const PROBES: { readonly [K in Check["kind"]]: Probe<K> } = {
  ping,
  tcp,
  http,
  dns,
  counts,
  interface: oneInterface,
  interfaces,
  stack,
  bridged,
  attached,
  driver,
  private: isPrivate,
  published,
  environment,
  versions,
  process,
  quorum,
  store,
  shared,
  stored,
  duplicate,
  vxlan,
};

/**
 * Makes the probe that a check describes, and gives it up after that time. A container that is missing or stopped is a
 * failed check, not an error.
 */
export async function probe(check: Check, machines: Machines, timeoutSec = TIMEOUT_SEC): Promise<Finding> {
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      resolve({ passed: false, found: `no answer in ${timeoutSec} s` });
      deadline.abort();
    }, timeoutSec * 1_000);
  });
  try {
    const { signal } = deadline;
    return await Promise.race([PROBES[check.kind](check as never, bounded(machines, signal), signal), late]);
  } catch (error) {
    if (error instanceof ProbeError) return { passed: false, found: error.message };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
