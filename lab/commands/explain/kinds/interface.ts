import { type Context, containersOf, type EnvironmentHost } from "../../../faults/context.ts";
import { interfacesIn } from "../../../host/containerInterfaces.ts";
import { type Interface, interfacesOf, namespacesOn } from "../../../host/interfaces.ts";
import { netnsExec } from "../../../host/netnsExec.ts";
import { labelled, sections } from "../format.ts";
import { inWords } from "./network.ts";

/** An interface and its network stack. */
interface Placed {
  readonly where: string;
  readonly found: Interface;
}

/** All interfaces of all hosts, including those in containers and namespaces. */
export async function allInterfaces({ hosts }: Context): Promise<Placed[]> {
  return (await Promise.all(hosts.map(interfacesAt))).flat();
}

async function interfacesAt(host: EnvironmentHost): Promise<Placed[]> {
  const { session, name } = host;
  const placed = (where: string, all: readonly Interface[] = []) => all.map((found) => ({ where, found }));
  const containers = [...(await containersOf(host)).values()].filter(({ running }) => running);
  const inside = containers
    .filter(({ details }) => details.networkMode !== "host")
    .map(async (container) =>
      placed(`the container ${container.name} on ${name}`, await interfacesIn(session, container)),
    );
  const named = (await namespacesOn(host.session)).map(async (namespace) =>
    placed(`the namespace ${namespace} on ${name}`, await interfacesOf(session, netnsExec(namespace))),
  );
  return [...placed(name, await interfacesOf(session)), ...(await Promise.all([...inside, ...named])).flat()];
}

/** Explains what an interface is, the other end of its cable, and the bridge of either end. */
export function explainInterfaces(name: string, all: readonly Placed[]): string {
  const told = all
    .filter(({ found }) => found.name === name)
    .map(({ where, found }) => {
      const other = otherEnd(all, found);
      return sections(
        `${name} is an interface of ${where}`,
        labelled([
          ["is", `${inWords(found)}, number ${found.index}`],
          ...(found.peer === undefined ? [] : [["cable", cableInWords(found.peer, other)]]),
          ...(found.kind === "veth" &&
          found.master === undefined &&
          other &&
          other.where !== where &&
          where.startsWith("this")
            ? [["bridge", "it is no port of any bridge, so what comes out of the cable goes to this host only"]]
            : []),
          ...all
            .filter((each) => each.found.master === name && each.where === where)
            .map((each) => ["port", inWords(each.found)]),
        ]),
      );
    });
  return told.join("\n\n");
}

const cableInWords = (peer: number, other: Placed | undefined): string =>
  other ? `the other end is ${inWords(other.found)}, of ${other.where}` : `the other end is number ${peer}, elsewhere`;

/** Interface numbers are unique only within a namespace, so both ends of a cable must refer to each other. */
const otherEnd = (all: readonly Placed[], { index, peer, kind }: Interface): Placed | undefined =>
  kind !== "veth"
    ? undefined
    : all.find(({ found }) => found.index === peer && found.peer === index && found.kind === "veth");
