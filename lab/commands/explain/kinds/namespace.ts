import { LabError } from "../../../cli/errors.ts";
import { table } from "../../../cli/table.ts";
import type { Context, Place } from "../../../faults/context.ts";
import { endsOf } from "../../../faults/expected.ts";
import { namespaceFaults } from "../../../faults/namespace.ts";
import { farNamespaces, interfacesOf } from "../../../host/interfaces.ts";
import { netnsExec } from "../../../host/netnsExec.ts";
import { routesOf } from "../../../host/routes.ts";
import { type Explanation, explanation, faultRows } from "../format.ts";

/** What is in a network namespace that has a name, and what is wrong with it. */
export async function explainNamespace(context: Context, place: Place, namespace: string): Promise<Explanation> {
  const { name: on, machine } = place;
  const inside = netnsExec(namespace);
  const [interfaces, routes] = [await interfacesOf(machine, inside), await routesOf(machine, inside)];
  if (interfaces.length === 0) throw new LabError(`only root can look into the network namespace ${namespace}`);
  const far = await farNamespaces(machine, inside);
  const ends = endsOf(context.outputs.topology, namespace, place.on) ?? [];
  const rows = interfaces.map(({ name, state, addresses, peer }) => {
    const where = far.get(name);
    const other = ends.find((end) => end.interface === name)?.other.interface ?? `interface number ${peer}`;
    const cable = where === undefined ? "" : `, whose other end is ${other} in the namespace ${where}`;
    return ["interface", `${name} ${[state, ...addresses].join(" ")}${cable}`];
  });
  const faults = await namespaceFaults(context, place, namespace);
  return explanation(
    faults,
    `${namespace} is a network namespace on ${on}: a network stack of its own`,
    table([...rows, ["routes", routes.join("\n") || "none"], ...faultRows(faults)]),
  );
}
