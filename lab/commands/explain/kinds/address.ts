import { type Context, containersOf, type EnvironmentHost } from "../../../faults/context.ts";
import { addressClass } from "../../../host/addresses.ts";
import { interfacesOf, namespacesOn } from "../../../host/interfaces.ts";
import { netnsExec } from "../../../host/netnsExec.ts";
import { routeTo } from "../../../host/routes.ts";
import { type Explanation, explanation, labelled } from "../format.ts";
import { reached } from "../reach.ts";
import { unseenRows } from "../unseen.ts";

/** Explains who owns an address, and what answers there. */
export async function explainAddress(context: Context, address: string, port: number): Promise<Explanation> {
  const { here } = context;
  const holder = await holderOf(context, address);
  const rows = [["owner", holder?.what ?? "none in this environment"]];
  if (holder && !holder.reachable) {
    rows.push(["route", `none from this host, and ${holder.from} may have one`]);
  } else {
    rows.push(["route", (await routeTo(here.session, address)) ?? "this host has none that leads there"]);
    rows.push(...(await reached(here, address, port)));
    if (!holder) rows.push(...(await unseenRows(here)));
  }
  return explanation([], `${address} is ${addressClass(address)}`, labelled(rows));
}

interface Holder {
  readonly what: string;
  readonly from: string;
  /** Whether this host may have a route to it. */
  readonly reachable: boolean;
}

async function holderOf(context: Context, address: string): Promise<Holder | undefined> {
  const { links, nodes } = context.outputs.topology;
  for (const host of context.hosts) {
    const found =
      (await containerWith(host, address)) ??
      (await interfaceWith(host, address)) ??
      (await namespaceWith(host, address));
    if (found) return found;
  }
  const outside = links.find(({ kind, facts }) => kind === "veth" && facts.toAddress?.startsWith(`${address}/`));
  const far = nodes.find(({ id }) => id === outside?.to);
  return (
    far && {
      what: `${far.name}, a host of the outside, behind ${outside?.facts.fromInterface}`,
      from: "",
      reachable: true,
    }
  );
}

async function containerWith(host: EnvironmentHost, address: string): Promise<Holder | undefined> {
  for (const { name, addresses } of (await containersOf(host)).values()) {
    const network = Object.keys(addresses).find((each) => addresses[each] === address);
    if (network === undefined) continue;
    const what = `the container ${name} on ${host.name}, by the network ${network}`;
    return { what, from: host.name, reachable: host.on === undefined };
  }
  return undefined;
}

async function interfaceWith({ name, session, on }: EnvironmentHost, address: string): Promise<Holder | undefined> {
  const own = (await interfacesOf(session)).find((each) => each.addresses.some((one) => one.startsWith(`${address}/`)));
  return (
    own && {
      what: `${name}, on its interface ${own.name}`,
      from: name,
      reachable: on === undefined || own.kind === undefined,
    }
  );
}

async function namespaceWith(host: EnvironmentHost, address: string): Promise<Holder | undefined> {
  for (const namespace of await namespacesOn(host.session)) {
    const inside = await interfacesOf(host.session, netnsExec(namespace));
    const own = inside.find(
      (each) => each.name !== "lo" && each.addresses.some((one) => one.startsWith(`${address}/`)),
    );
    if (own)
      return {
        what: `the network namespace ${namespace} on ${host.name}, on its interface ${own.name}`,
        from: namespace,
        reachable: false,
      };
  }
  return undefined;
}
