import * as z from "zod";

/** A host of the environment, by its name. */
const on = z.string();

/** The checks that only hosts with etcd and an overlay network have. */
export const overlayCheckSchemas = <T extends z.ZodRawShape>(common: T) =>
  [
    z.strictObject({
      ...common,
      kind: z.literal("versions"),
      /** Hosts whose etcd must be of one version, which has the v2 API. */
      hosts: z.array(on),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("process"),
      on,
      program: z.string(),
      /** Arguments that the running program must have been given, each a word. */
      expect: z.array(z.string()),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("quorum"),
      on,
      /** Client URL of every member, by name. As the host sees it, all of them are members and a quorum answers. */
      members: z.record(z.string(), z.string()),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("certificates"),
      on,
      /** The address at which the others reach the host's etcd: its certificate must be for it. */
      address: z.string(),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("store"),
      on,
      /** The cluster store of the host's engine, and the address that it advertises. */
      expect: z.strictObject({ store: z.string(), advertise: z.string() }),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("shared"),
      network: z.string(),
      /** Hosts whose engines must show the network with one id. */
      hosts: z.array(on),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("stored"),
      on,
      /** The network whose key in etcd must hold the id that the host's engine shows. */
      network: z.string(),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("duplicate"),
      on,
      network: z.string(),
      /** A container of another host: one of the same name must be refused here, and leave nothing behind. */
      container: z.string(),
      /** That host. */
      holder: on,
    }),
    z.strictObject({
      ...common,
      kind: z.literal("vxlan"),
      /** Packets between these two containers must leave the first one's host as VXLAN. */
      from: z.strictObject({ container: z.string(), on }),
      to: z.strictObject({ container: z.string(), on }),
      network: z.string(),
    }),
  ] as const;
