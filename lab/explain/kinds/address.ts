import { addressClass } from "../../addresses.ts";
import { enteringNamespace } from "../../entering.ts";
import { interfacesOf, namespacesOn } from "../../interfaces.ts";
import { table } from "../../table.ts";
import { reached } from "../reach.ts";
import { containersOf, type Place, type Scene } from "../scene.ts";
import { sections } from "../tell.ts";

/** Whose an address is, and what answers there. */
export async function explainAddress(scene: Scene, address: string, port: number): Promise<string> {
  const { here } = scene;
  const holder = await holderOf(scene, address);
  const rows = [["holder", holder?.what ?? "nobody in this environment"]];
  if (holder && !holder.reachable) {
    rows.push(["from here", `this machine has no way to it; what ${holder.from} reaches, this machine need not`]);
  } else {
    const route = await here.machine.attempt(["ip", "-o", "route", "get", address]);
    rows.push(["route", route?.replace(/ uid.*| *\\.*$/g, "").trim() ?? "this machine has none that leads there"]);
    rows.push(...(await reached(here, address, port)));
  }
  return sections(`${address} is ${addressClass(address)}`, table(rows));
}

interface Holder {
  readonly what: string;
  readonly from: string;
  /** Whether this machine may have a way to it. */
  readonly reachable: boolean;
}

async function holderOf(scene: Scene, address: string): Promise<Holder | undefined> {
  const { links, nodes } = scene.outputs.topology;
  for (const place of scene.places) {
    const found =
      (await containerWith(place, address)) ??
      (await interfaceWith(place, address)) ??
      (await namespaceWith(place, address));
    if (found) return found;
  }
  const outside = links.find(({ kind, facts }) => kind === "veth" && facts.toAddress?.startsWith(`${address}/`));
  const far = nodes.find(({ id }) => id === outside?.to);
  return (
    far && {
      what: `${far.name}, a machine of the outside, behind ${outside?.facts.fromInterface}`,
      from: "",
      reachable: true,
    }
  );
}

async function containerWith(place: Place, address: string): Promise<Holder | undefined> {
  for (const { name, addresses } of (await containersOf(place)).values()) {
    const network = Object.keys(addresses).find((each) => addresses[each] === address);
    if (network === undefined) continue;
    const what = `the container ${name} on ${place.name}, by the network ${network}`;
    return { what, from: place.name, reachable: place.on === undefined };
  }
  return undefined;
}

async function interfaceWith({ name, machine, on }: Place, address: string): Promise<Holder | undefined> {
  const own = (await interfacesOf(machine)).find((each) => each.addresses.some((one) => one.startsWith(`${address}/`)));
  return (
    own && {
      what: `${name}, on its interface ${own.name}`,
      from: name,
      reachable: on === undefined || own.kind === undefined,
    }
  );
}

async function namespaceWith(place: Place, address: string): Promise<Holder | undefined> {
  for (const namespace of await namespacesOn(place.machine)) {
    const inside = await interfacesOf(place.machine, enteringNamespace(namespace));
    const own = inside.find(
      (each) => each.name !== "lo" && each.addresses.some((one) => one.startsWith(`${address}/`)),
    );
    if (own)
      return {
        what: `the network namespace ${namespace} on ${place.name}, on its interface ${own.name}`,
        from: namespace,
        reachable: false,
      };
  }
  return undefined;
}
