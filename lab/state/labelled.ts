import { stackLabels } from "../../components/lib/identity.ts";
import { LabError } from "../cli/errors.ts";
import type { Container } from "../host/containers.ts";
import { labelled } from "../host/labels.ts";
import type { Network } from "../host/networks.ts";
import { engineAnswers, here } from "../host/sessions.ts";
import { identityOf } from "./environments.ts";

/** A container or network with an environment's labels. */
export interface Labelled {
  readonly kind: "container" | "network";
  readonly id: string;
  readonly name: string;
}

/**
 * Returns the containers and networks with an environment's labels. Excludes volumes, which never conflict: a new one
 * of the same name is the old one with its data.
 */
export async function labelledObjects(environment: string): Promise<Labelled[]> {
  if (!(await engineAnswers()))
    throw new LabError("no Docker engine answers, so what the environment has made cannot be seen");
  const session = here();
  const of = (kind: Labelled["kind"], all: ReadonlyMap<string, Container | Network>) =>
    labelled(all, stackLabels(identityOf(environment))).map(({ id, name }) => ({ kind, id, name }));
  return [...of("container", await session.containers()), ...of("network", await session.networks())];
}
