import { readlinkSync } from "node:fs";
import type { Check } from "../../../stacks/checks.ts";
import { privateRange } from "../../host/addresses.ts";
import { cableOf } from "../../host/cable.ts";
import { readInterfaces } from "../../host/interfaces.ts";
import type { Machines } from "../../host/machine.ts";
import { ProbeError } from "../../host/probeError.ts";
import { type Finding, networkOf, runFrom, running } from "./from.ts";

type CheckOf<K extends Check["kind"]> = Extract<Check, { kind: K }>;
type Source = CheckOf<"interfaces">["at"];

/** One interface: whether it is there, and its address. */
export async function oneInterface(check: CheckOf<"interface">, machines: Machines): Promise<Finding> {
  const { at, interface: name, expect } = check;
  const state = (await interfacesAt(machines, at)).get(name) ?? "absent";
  const wanted = expect.state === "absent" ? "absent" : `up ${expect.address}`;
  return { passed: state === wanted, found: `${name} ${state}` };
}

/** How often the interfaces of two places are compared: those of a machine change when any container starts or stops. */
const LOOKS = 4;

/** All interfaces of a place, by name. */
export async function interfaces({ at, expect }: CheckOf<"interfaces">, machines: Machines): Promise<Finding> {
  for (let look = 1; ; look += 1) {
    const names = [...(await interfacesAt(machines, at)).keys()].sort();
    const wanted = expect === "host" ? [...(await interfacesAt(machines, "host")).keys()].sort() : [...expect].sort();
    const passed = names.join() === wanted.join();
    const list = names.length > 4 ? `${names.slice(0, 4).join(", ")} and ${names.length - 4} more` : names.join(", ");
    if (passed || expect !== "host" || look === LOOKS) return { passed, found: list };
  }
}

/** Whose network namespace a container is in. */
export async function stack({ at, expect }: CheckOf<"stack">, machines: Machines): Promise<Finding> {
  const inside = await runFrom(machines, at, ["readlink", "/proc/self/ns/net"], "network");
  if (inside === undefined) throw new ProbeError(`no command runs in ${at.container}`);
  const outside = readlinkSync("/proc/self/ns/net");
  const own = inside !== outside;
  return {
    passed: own === (expect === "own"),
    found: `${inside}, ${own ? "the host's is" : "as the host's"}${own ? ` ${outside}` : ""}`,
  };
}

/** Whether the other end of a container's eth0 is a port of a network's bridge. */
export async function bridged({ container, network }: CheckOf<"bridged">, machines: Machines): Promise<Finding> {
  const machine = machines(undefined);
  const { bridge } = await networkOf(machine, network);
  const cable = await cableOf(machine, await running(machine, container));
  if (cable === undefined) return { passed: false, found: `${container} has no eth0` };
  const { index, peer } = cable;
  if (!peer) return { passed: false, found: `eth0@if${index}, and the host has no interface ${index}` };
  const port = `eth0@if${index} is ${peer.name}`;
  return {
    passed: peer.master === bridge,
    found: `${port}, ${peer.master ? `a port of ${peer.master}` : "no port of a bridge"}`,
  };
}

/** Which networks a container is on, and whether it has an address there. */
export async function attached(
  { container, network, expect }: CheckOf<"attached">,
  machines: Machines,
): Promise<Finding> {
  const { addresses } = await running(machines(undefined), container);
  const found = Object.entries(addresses).map(([name, address]) => `${name} ${address || "without an address"}`);
  const passed = Object.keys(addresses).join() === network && (addresses[network] !== "") === (expect === "address");
  return { passed, found: found.join(", ") || "on no network" };
}

/** The driver of the network that a container is on. */
export async function driver({ at, expect }: CheckOf<"driver">, machines: Machines): Promise<Finding> {
  const machine = machines(at.on);
  const [name] = Object.keys((await running(machine, at.container)).addresses);
  if (name === undefined) return { passed: false, found: "on no network" };
  const found = (await networkOf(machine, name)).driver;
  return { passed: found === expect, found: `the network ${name} has driver ${found}` };
}

/** Whether a container's address is one that the outside never sees. */
export async function isPrivate({ container }: CheckOf<"private">, machines: Machines): Promise<Finding> {
  const { addresses } = await running(machines(undefined), container);
  const address = Object.values(addresses).find((each) => each !== "");
  if (address === undefined) return { passed: false, found: "no address" };
  const range = privateRange(address);
  return { passed: range !== undefined, found: `${address}, ${range ? `private, of ${range}` : "public"}` };
}

/** What the host publishes for a container. */
export async function published({ container, expect }: CheckOf<"published">, machines: Machines): Promise<Finding> {
  const found = (await running(machines(undefined), container)).published;
  const passed = JSON.stringify(found) === JSON.stringify([...expect].sort());
  return { passed, found: found.join(", ") || "nothing published" };
}

/** A variable of a container's environment. */
export async function environment(check: CheckOf<"environment">, machines: Machines): Promise<Finding> {
  const { container, variable, expect } = check;
  const value = await runFrom(machines, { container }, ["printenv", variable]);
  return { passed: value === expect, found: value === undefined ? `${variable} unset` : `${variable}=${value}` };
}

async function interfacesAt(machines: Machines, at: Source): Promise<ReadonlyMap<string, string>> {
  const text = await runFrom(machines, at, ["ip", "-j", "address", "show"], "network");
  if (text === undefined) throw new ProbeError("the program ip does not run there, so no interface can be seen");
  return readInterfaces(text);
}
