import { LabError } from "../../../cli/errors.ts";
import type { Context, EnvironmentHost } from "../../../faults/context.ts";
import { endsOf } from "../../../faults/expected.ts";
import { namespaceFaults } from "../../../faults/namespace.ts";
import { farNamespaces, interfacesOf } from "../../../host/interfaces.ts";
import { netnsExec } from "../../../host/netnsExec.ts";
import { routesOf } from "../../../host/routes.ts";
import { type Explanation, explanation, faultRows, labelled } from "../format.ts";

/** Explains what is in a named network namespace, and what is wrong with it. */
export async function explainNamespace(
  context: Context,
  host: EnvironmentHost,
  namespace: string,
): Promise<Explanation> {
  const { name: on, session } = host;
  const inside = netnsExec(namespace);
  const [interfaces, routes] = [await interfacesOf(session, inside), await routesOf(session, inside)];
  if (interfaces.length === 0) throw new LabError(`only root can look into the network namespace ${namespace}`);
  const far = await farNamespaces(session, inside);
  const ends = endsOf(context.outputs.topology, namespace, host.on) ?? [];
  const rows = interfaces.map(({ name, state, addresses, peer }) => {
    const where = far.get(name);
    const other = ends.find((end) => end.interface === name)?.other.interface ?? `interface number ${peer}`;
    const cable = where === undefined ? "" : `, whose other end is ${other} in the namespace ${where}`;
    return ["interface", `${name} ${[state, ...addresses].join(" ")}${cable}`];
  });
  const faults = await namespaceFaults(context, host, namespace);
  return explanation(
    faults,
    `${namespace} is a network namespace on ${on}: a network stack of its own`,
    labelled([...rows, ["routes", routes.join("\n") || "none"], ...faultRows(faults)]),
  );
}
