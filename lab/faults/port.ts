import { HERE } from "../../components/lib/topologyParts.ts";
import { listeners } from "../host/listeners.ts";
import { containerFaults } from "./container.ts";
import { type Context, containersOf, type EnvironmentHost, type Fault } from "./context.ts";
import { hostFaults } from "./host.ts";

/** A container that a port of its host leads to, as the engine shows it. */
export const behind = async (host: EnvironmentHost, port: number) =>
  [...(await containersOf(host)).values()].flatMap((container) =>
    container.published.flatMap((published) => {
      const [, address = "", number, inside = ""] = /^(.*):(\d+)->(.*)$/.exec(published) ?? [];
      return Number(number) === port ? [{ container, address, inside }] : [];
    }),
  );

/** The containers that the state publishes at a port of this host. */
export const meantAt = ({ outputs: { topology } }: Context, port: number) =>
  topology.links.flatMap(({ kind, from, to, facts }) => {
    const [outside, container] = [from, to].map((id) => topology.nodes.find((node) => node.id === id));
    return kind === "publish" && outside?.in === HERE.id && container && outside.facts.port === String(port)
      ? [{ container: container.name, outside: outside.name, inside: facts.port ?? "" }]
      : [];
  });

/** What is wrong with a port of this host. */
export async function portFaults(context: Context, port: number): Promise<Fault[]> {
  const meant = meantAt(context, port);
  if (meant.length === 0) return [];
  const down = await hostFaults(context.here);
  if (down.length > 0) return down;
  const found = await behind(context.here, port);
  const taken = found.length === 0 ? await listeners(context.here.session, port) : [];
  const faults = await Promise.all(meant.map(({ container }) => containerFaults(context, context.here, container)));
  return [
    ...taken.map((program) => ({
      title: `port ${port} of this host is held by ${program}, and not for the lab's container`,
    })),
    ...found
      .filter(({ container }) => !meant.some((each) => each.container === container.name))
      .map((each) => ({
        title: `port ${each.address}:${port} leads to ${each.container.name}, the state says otherwise`,
      })),
    ...faults.flat(),
  ];
}
