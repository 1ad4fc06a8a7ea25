import * as z from "zod";
import { run } from "../../toolchain/run.ts";
import type { Container, Network } from "../engine.ts";
import { labelled } from "../engine.ts";
import { here } from "../machine.ts";
import { labelsOf } from "./foreign.ts";

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
  const machine = here();
  const of = (kind: Labelled["kind"], all: ReadonlyMap<string, Container | Network>) =>
    labelled(all, labelsOf(environment)).map(({ id, name }) => ({ kind, id, name }));
  return [...of("container", await machine.containers()), ...of("network", await machine.networks())];
}

/** What a state tells, as `pulumi stack export` prints it: secrets stay encrypted. */
const Exported = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.object({
            urn: z.string(),
            type: z.string(),
            custom: z.boolean().optional(),
            id: z.string().optional(),
            outputs: z.object({ stdout: z.unknown() }).partial().optional(),
          }),
        )
        .optional(),
      pending_operations: z.array(z.object({ type: z.string(), resource: z.object({ urn: z.string() }) })).optional(),
    })
    .nullable(),
});

export interface Exported {
  /** Ids of what there is, those included that scripts printed. */
  readonly ids: ReadonlySet<string>;
  readonly resources: number;
  /** What a run was about to do when it died: an operation, and the name of its resource. */
  readonly pending: readonly string[];
}

/** Reads a stack's state by Pulumi, whichever backend it is in. */
export async function exportState(environment: string): Promise<Exported> {
  const text = await run("pulumi", ["stack", "export", "--non-interactive", "--stack", environment]);
  const { resources = [], pending_operations: pending = [] } = Exported.parse(JSON.parse(text)).deployment ?? {};
  return {
    ids: new Set(resources.flatMap(({ id = "", outputs }) => [id, ...String(outputs?.stdout ?? "").split(/\s+/)])),
    resources: resources.length,
    pending: pending.map(({ type, resource }) => `${type} ${resource.urn.split("::").at(-1)}`),
  };
}

/** Removes the environment's containers and networks that its state does not know; gives what could not be removed. */
export async function removeUnknown(environment: string): Promise<string[]> {
  const { ids } = await exportState(environment);
  const unknown = (await labelledObjects(environment)).filter(({ id }) => !ids.has(id));
  const failed: string[] = [];
  for (const { kind, id, name } of unknown) {
    const remove = kind === "container" ? ["rm", "--force", "--volumes", id] : ["network", "rm", id];
    await run("docker", remove).then(
      () => console.log(`removed ${kind} ${name}, which the state does not know`),
      (error) => failed.push(`${kind} ${name}: ${(error as Error).message}`),
    );
  }
  return failed;
}
