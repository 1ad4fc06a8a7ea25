import * as z from "zod";
import type { Topology } from "../../stacks/topology.ts";
import { type FactScript, type Facts, readFacts, shellScript } from "./facts.ts";
import type { HostSession } from "./session.ts";

/** What `machine_state` of components/practice-vm/health.sh says. */
const State = z.enum(["running", "stopped", "unsupervised", "disconnected", "damaged"]);

/** A virtual machine of this host. */
export interface Machine {
  readonly name: string;
  readonly owner: string;
  /** `gone`: nothing of it is on this host. */
  readonly state: z.infer<typeof State> | "gone";
  /** What is wrong; empty while it runs. */
  readonly what: string;
}

/** The look at the virtual machines of this host. */
export const MACHINE_FACTS: FactScript = { script: new URL("machines.sh", import.meta.url), call: "machines" };

const SCRIPT = shellScript([MACHINE_FACTS]);
/** How long the look may take: a disk is checked where its machine does not run. */
const TIMEOUT_MS = 60_000;

/** The machines in what {@link MACHINE_FACTS} printed; undefined where only root may look. */
export function parseMachines(facts: Facts): Machine[] | undefined {
  if (facts.get("machine.hidden") !== undefined) return undefined;
  return facts.all("machine").flatMap((line): Machine[] => {
    const [, name = "", owner = "", word, what = ""] = /^(\S+) (\S+) (\S+) ?(.*)$/.exec(line) ?? [];
    const state = State.safeParse(word);
    return state.success ? [{ name, owner, state: state.data, what }] : [];
  });
}

/** The machines of this host; undefined where they cannot be looked at. */
export const readMachines = async (session: HostSession): Promise<Machine[] | undefined> =>
  session.run(["sh", "-c", SCRIPT], TIMEOUT_MS).then(
    (printed) => parseMachines(readFacts(printed)),
    () => undefined,
  );

/** The hosts of an environment that are virtual machines: the names of the machines, by those of the hosts. */
export const machineNames = ({ nodes }: Pick<Topology, "nodes">): ReadonlyMap<string, string> =>
  new Map(nodes.flatMap(({ kind, name, facts: { machine } }) => (kind === "host" && machine ? [[name, machine]] : [])));

/** A host of an environment, and the virtual machine that it is. */
export interface HostMachine extends Machine {
  readonly host: string;
}

/**
 * The machines that an environment should have, by the names of the hosts that they are, and their state; undefined where they
 * cannot be looked at.
 */
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
