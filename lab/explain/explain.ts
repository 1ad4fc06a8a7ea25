import type { Outputs } from "../outputs.ts";
import { table } from "../table.ts";
import { containerFaults } from "./faults/container.ts";
import { namespaceFaults } from "./faults/namespace.ts";
import { networkFaults } from "./faults/network.ts";
import { explainAddress } from "./kinds/address.ts";
import { checksNamed, explainChecks } from "./kinds/check.ts";
import { explainContainer } from "./kinds/container.ts";
import { allInterfaces, explainInterfaces } from "./kinds/interface.ts";
import { explainMachine } from "./kinds/machine.ts";
import { explainMember } from "./kinds/member.ts";
import { explainNamespace } from "./kinds/namespace.ts";
import { explainNetwork } from "./kinds/network.ts";
import { explainPath } from "./kinds/path.ts";
import { explainPort } from "./kinds/port.ts";
import { type Found, findObject } from "./objects.ts";
import { type Scene, sceneOf } from "./scene.ts";
import { faultRows, sections } from "./tell.ts";

/** Explains an object of an environment: what it is, which way its packets go, and what is wrong with it. */
export async function explain(environment: string, outputs: Outputs, object: string, port: number): Promise<string> {
  const scene = sceneOf(environment, outputs);
  return explainObject(scene, await findObject(scene, object), port);
}

/** Explains the way from one object to another, hop by hop. */
export async function explainWay(environment: string, outputs: Outputs, from: string, to: string): Promise<string> {
  const scene = sceneOf(environment, outputs);
  return explainPath(scene, await findObject(scene, from), await findObject(scene, to));
}

async function explainObject(scene: Scene, found: Found, port: number): Promise<string> {
  switch (found.kind) {
    case "address":
      return explainAddress(scene, found.address, port);
    case "check":
      return explainChecks(scene, checksNamed(scene, found.name));
    case "machine":
      return explainMachine(scene, found.place);
    case "container":
      return explainContainer(scene, found.place, found.container, port);
    case "network":
      return explainNetwork(scene, found.place, found.network);
    case "namespace":
      return explainNamespace(scene, found.place, found.name);
    case "port":
      return explainPort(scene, found.port);
    case "member":
      return explainMember(scene, found.name);
    case "interface":
      return explainInterfaces(found.name, await allInterfaces(scene));
    case "missing":
      return explainMissing(scene, found);
  }
}

const FAULTS = { container: containerFaults, network: networkFaults, namespace: namespaceFaults };

async function explainMissing(scene: Scene, { node, place }: Extract<Found, { kind: "missing" }>): Promise<string> {
  const faults = FAULTS[node.kind as keyof typeof FAULTS];
  return sections(
    `${node.name} is a ${node.kind} of the lab ${node.lab}, and not there`,
    table(faultRows(await faults(scene, place, node.name))),
  );
}
