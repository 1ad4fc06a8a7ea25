import { stackLabels } from "../../components/lib/identity.ts";
import { SetupError } from "../../toolchain/step.ts";
import type { Container, Network } from "../engine.ts";
import { labelled } from "../engine.ts";
import { identityOf } from "../environments.ts";
import { engineAnswers, here } from "../machine.ts";
import { removeLeftovers } from "../sweep/remove.ts";
import { findLeftovers } from "../sweep/survey.ts";

/** A container or network that carries an environment's labels. */
export interface Labelled {
  readonly kind: "container" | "network";
  readonly id: string;
  readonly name: string;
}

/**
 * The containers and networks that carry the labels of an environment. Volumes are not among them: they are never in
 * the way, since a new one of the same name is the old one with its data.
 */
export async function labelledObjects(environment: string): Promise<Labelled[]> {
  if (!(await engineAnswers()))
    throw new SetupError("no Docker engine answers, so what the environment has made cannot be seen");
  const machine = here();
  const of = (kind: Labelled["kind"], all: ReadonlyMap<string, Container | Network>) =>
    labelled(all, stackLabels(identityOf(environment))).map(({ id, name }) => ({ kind, id, name }));
  return [...of("container", await machine.containers()), ...of("network", await machine.networks())];
}

/** What stands in the way of a new one of its name. A volume does not: the new one is the old one, with its data. */
const IN_THE_WAY: readonly string[] = ["container", "network"];

/** Removes the environment's containers and networks that its state does not know; gives what could not be removed. */
export async function removeUnknown(environment: string): Promise<string[]> {
  const leftovers = await findLeftovers(environment);
  const removals = await removeLeftovers(
    leftovers.filter(({ kind }) => IN_THE_WAY.includes(kind)),
    ({ leftover: { kind, name, host }, outcome }) =>
      console.log(`${outcome}: ${kind} ${name}${host ? ` on ${host}` : ""}, which the state does not know`),
  );
  return removals
    .filter(({ outcome }) => outcome === "stays" || outcome === "failed")
    .map(({ leftover: { kind, name }, reason }) => `${kind} ${name}: ${reason}`);
}
