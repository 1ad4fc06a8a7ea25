import * as z from "zod";
import type { Topology } from "../../stacks/topology.ts";
import { type FactScript, type Facts, readFacts, shellScript } from "./facts.ts";
import type { HostSession } from "./session.ts";

/** States that `machine_state` of components/practice-vm/health.sh prints. */
const State = z.enum(["running", "stopped", "unsupervised", "disconnected", "damaged"]);

/** A virtual machine of this host. */
export interface Machine {
  readonly name: string;
  readonly owner: string;
  /** `gone`: no trace of it is on this host. */
  readonly state: z.infer<typeof State> | "gone";
  /** What is wrong; empty while it runs. */
  readonly what: string;
}

/** Script that inspects the virtual machines of this host. */
export const MACHINE_FACTS: FactScript = { script: new URL("machines.sh", import.meta.url), call: "machines" };

const SCRIPT = shellScript([MACHINE_FACTS]);
/** Timeout of the script, which checks the disk of a machine that does not run. */
const TIMEOUT_MS = 60_000;

/** Reads the output of {@link MACHINE_FACTS}; undefined if only root can inspect the machines. */
export function parseMachines(facts: Facts): Machine[] | undefined {
  if (facts.get("machine.hidden") !== undefined) return undefined;
  return facts.all("machine").flatMap((line): Machine[] => {
    const [, name = "", owner = "", word, what = ""] = /^(\S+) (\S+) (\S+) ?(.*)$/.exec(line) ?? [];
    const state = State.safeParse(word);
    return state.success ? [{ name, owner, state: state.data, what }] : [];
  });
}

/** Returns the machines of this host; undefined if they cannot be inspected. */
export const readMachines = async (session: HostSession): Promise<Machine[] | undefined> =>
  session.run(["sh", "-c", SCRIPT], TIMEOUT_MS).then(
    (printed) => parseMachines(readFacts(printed)),
    () => undefined,
  );

/** Returns the names of an environment's virtual machines, by name of the host. */
export const machineNames = ({ nodes }: Pick<Topology, "nodes">): ReadonlyMap<string, string> =>
  new Map(nodes.flatMap(({ kind, name, facts: { machine } }) => (kind === "host" && machine ? [[name, machine]] : [])));

/** A host of an environment, and its virtual machine. */
export interface HostMachine extends Machine {
  readonly host: string;
}

/** Returns the machines that an environment should have, with host and state; undefined if they cannot be inspected. */
export const expectedMachines = (
  names: ReadonlyMap<string, string>,
  owner: string,
  seen: readonly Machine[] | undefined,
): HostMachine[] | undefined =>
  seen &&
  [...names].map(([host, name]): HostMachine => {
    const found = seen.find((each) => each.name === name && each.owner === owner);
    return { host, ...(found ?? { name, owner, state: "gone", what: "nothing of it is on this host" }) };
  });
