import type { Machine } from "../../machine.ts";
import { containersOf, type Fault, type Place, type Scene } from "../scene.ts";
import { containerFaults } from "./container.ts";

/** Who takes connections on a TCP port in a network namespace, by default the machine's own: `program (process N)`. */
export async function listeners(machine: Machine, port: number, enter: readonly string[] = []): Promise<string[]> {
  const command = ["ss", "--listening", "--tcp", "--numeric", "--no-header", "--processes", `sport = :${port}`];
  const lines = ((await machine.attempt([...enter, ...command])) ?? "").split("\n").filter((line) => line !== "");
  const found = lines.map((line) => {
    const [, program, pid] = /\(\("([^"]+)",pid=(\d+)/.exec(line) ?? [];
    return program ? `${program} (process ${pid})` : "a process that only root can see";
  });
  return [...new Set(found)];
}

/** A container that a port of its machine leads to, as the engine shows it. */
export const behind = async (place: Place, port: number) =>
  [...(await containersOf(place)).values()].flatMap((container) =>
    container.published.flatMap((published) => {
      const [, address = "", number, inside = ""] = /^(.*):(\d+)->(.*)$/.exec(published) ?? [];
      return Number(number) === port ? [{ container, address, inside }] : [];
    }),
  );

/** The containers that the state publishes at a port of this machine. */
export const meantAt = ({ outputs: { topology } }: Scene, port: number) =>
  topology.links.flatMap(({ kind, from, to, facts }) => {
    const [outside, container] = [from, to].map((id) => topology.nodes.find((node) => node.id === id));
    return kind === "publish" && outside && container && outside.facts.port === String(port)
      ? [{ container: container.name, outside: outside.name, inside: facts.port ?? "" }]
      : [];
  });

/** What is wrong with a port of this machine. */
export async function portFaults(scene: Scene, port: number): Promise<Fault[]> {
  const meant = meantAt(scene, port);
  if (meant.length === 0) return [];
  const found = await behind(scene.here, port);
  const taken = found.length === 0 ? await listeners(scene.here.machine, port) : [];
  const faults = await Promise.all(meant.map(({ container }) => containerFaults(scene, scene.here, container)));
  return [
    ...taken.map((program) => ({
      says: `port ${port} of this machine is held by ${program}, and not for the lab's container`,
    })),
    ...found
      .filter(({ container }) => !meant.some((each) => each.container === container.name))
      .map((each) => ({
        says: `port ${each.address}:${port} leads to ${each.container.name}, the state says otherwise`,
      })),
    ...faults.flat(),
  ];
}
