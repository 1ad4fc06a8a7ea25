import * as z from "zod";

/** A host of the environment, by its name. */
const on = z.string();

/** The checks that only hosts in Swarm mode have. */
export const swarmCheckSchemas = <T extends z.ZodRawShape>(common: T) =>
  [
    z.strictObject({
      ...common,
      kind: z.literal("swarmNodes"),
      /** A manager, which is asked. */
      on,
      /** The role of every node, by its host's name. All are ready and active, and the managers reach each other. */
      expect: z.record(z.string(), z.enum(["manager", "worker"])),
      /** The labels that nodes have, by their hosts' names. */
      labels: z.record(z.string(), z.record(z.string(), z.string())).optional(),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("swarmNetwork"),
      on,
      network: z.string(),
      expect: z.strictObject({ subnet: z.string(), attachable: z.boolean() }),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("swarmService"),
      on,
      service: z.string(),
      /** The hosts that each run one task of the service, and no others do. */
      expect: z.array(on),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("namesake"),
      on,
      network: z.string(),
      /** A container of another host: one of the same name must be let in here, and is removed again. */
      container: z.string(),
      /** That host. */
      holder: on,
      /** A container on `on` that is on the network, whose image the second one has, and which is asked for the name. */
      like: z.string(),
    }),
  ] as const;
