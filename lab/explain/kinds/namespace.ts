import { SetupError } from "../../../toolchain/step.ts";
import { enteringNamespace } from "../../entering.ts";
import { interfacesOf } from "../../interfaces.ts";
import { table } from "../../table.ts";
import { endsOf } from "../expected.ts";
import { namespaceFaults } from "../faults/namespace.ts";
import type { Place, Scene } from "../scene.ts";
import { faultRows, sections } from "../tell.ts";

/** What is in a network namespace that has a name, and what is wrong with it. */
export async function explainNamespace(scene: Scene, place: Place, namespace: string): Promise<string> {
  const { name: on, machine } = place;
  const inside = enteringNamespace(namespace);
  const [interfaces, routes] = [
    await interfacesOf(machine, inside),
    await machine.attempt([...inside, "ip", "-o", "route", "show"]),
  ];
  if (interfaces.length === 0) throw new SetupError(`only root can look into the network namespace ${namespace}`);
  const far = ((await machine.attempt([...inside, "ip", "-o", "link", "show"])) ?? "")
    .split("\n")
    .flatMap((line) => /^\d+: (\S+?)@.*link-netns(?:id)? ([^\s\\]+)/.exec(line)?.slice(1, 3).join(" ") ?? []);
  const ends = endsOf(scene.outputs.topology, namespace, place.on) ?? [];
  const rows = interfaces.map(({ name, state, addresses, peer }) => {
    const where = far.find((each) => each.startsWith(`${name} `))?.split(" ")[1];
    const other = ends.find((end) => end.interface === name)?.other.interface ?? `interface number ${peer}`;
    const cable = where === undefined ? "" : `, whose other end is ${other} in the namespace ${where}`;
    return ["interface", `${name} ${[state, ...addresses].join(" ")}${cable}`];
  });
  return sections(
    `${namespace} is a network namespace on ${on}: a network stack of its own`,
    table([...rows, ["routes", routes || "none"], ...faultRows(await namespaceFaults(scene, place, namespace))]),
  );
}
