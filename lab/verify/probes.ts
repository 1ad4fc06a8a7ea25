import type { Check } from "../../stacks/checks.ts";
import { Impossible, type Machines } from "../machine.ts";
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

type Probe<K extends Check["kind"]> = (check: Extract<Check, { kind: K }>, machines: Machines) => Promise<Finding>;

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

/** Makes the probe that a check describes. A container that is missing or stopped is a failed check, not an error. */
export async function probe(check: Check, machines: Machines): Promise<Finding> {
  try {
    return await PROBES[check.kind](check as never, machines);
  } catch (error) {
    if (error instanceof Impossible) return { passed: false, found: error.message };
    throw error;
  }
}
