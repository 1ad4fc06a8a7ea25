import { containerFaults } from "../../faults/container.ts";
import { type Context, contextOf } from "../../faults/context.ts";
import { unseenFaults } from "../../faults/host.ts";
import { namespaceFaults } from "../../faults/namespace.ts";
import { networkFaults } from "../../faults/network.ts";
import type { Outputs } from "../../state/outputs.ts";
import { type Explanation, explanation, faultRows, labelled } from "./format.ts";
import { explainAddress } from "./kinds/address.ts";
import { checksNamed, explainChecks } from "./kinds/check.ts";
import { explainContainer } from "./kinds/container.ts";
import { explainHost } from "./kinds/host.ts";
import { allInterfaces, explainInterfaces } from "./kinds/interface.ts";
import { explainMember } from "./kinds/member.ts";
import { explainNamespace } from "./kinds/namespace.ts";
import { explainNetwork } from "./kinds/network.ts";
import { explainPath } from "./kinds/path.ts";
import { explainPort } from "./kinds/port.ts";
import { findObject, type NamedObject } from "./objects.ts";

/** Explains an object of an environment: what it is, the route of its packets, and what is wrong with it. */
export async function explain(
  environment: string,
  outputs: Outputs,
  object: string,
  port: number,
): Promise<Explanation> {
  const context = contextOf(environment, outputs);
  return explainObject(context, await findObject(context, object), port);
}

/** Explains the route from one object to another, hop by hop. */
export async function explainWay(
  environment: string,
  outputs: Outputs,
  from: string,
  to: string,
): Promise<Explanation> {
  const context = contextOf(environment, outputs);
  return explainPath(context, await findObject(context, from), await findObject(context, to));
}

async function explainObject(context: Context, found: NamedObject, port: number): Promise<Explanation> {
  switch (found.kind) {
    case "address":
      return explainAddress(context, found.address, port);
    case "check":
      return explainChecks(context, checksNamed(context, found.name));
    case "host":
      return explainHost(context, found.host);
    case "container":
      return explainContainer(context, found.host, found.container, port);
    case "network":
      return explainNetwork(context, found.host, found.network);
    case "namespace":
      return explainNamespace(context, found.host, found.name);
    case "port":
      return explainPort(context, found.port);
    case "member":
      return explainMember(context, found.name);
    case "interface":
      return explanation([], explainInterfaces(found.name, await allInterfaces(context)));
    case "missing":
      return explainMissing(context, found);
  }
}

const FAULTS = { container: containerFaults, network: networkFaults, namespace: namespaceFaults };

async function explainMissing(
  context: Context,
  { node, host }: Extract<NamedObject, { kind: "missing" }>,
): Promise<Explanation> {
  const unseen = await unseenFaults(host, node.kind);
  const faults = unseen.length > 0 ? unseen : await FAULTS[node.kind as keyof typeof FAULTS](context, host, node.name);
  const there = unseen.length > 0 ? "whether it is there cannot be seen" : "not there";
  const head = `${node.name} is a ${node.kind}${node.lab ? ` of the lab ${node.lab}` : ""}, and ${there}`;
  return explanation(faults, head, labelled(faultRows(faults)));
}
