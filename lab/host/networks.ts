import * as z from "zod";
import { readJson } from "./readJson.ts";

/** What the engine tells of a network. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  /** `local`, or of an overlay network `global` in a cluster store and `swarm` in a swarm. */
  readonly scope: string;
  /** IPv4 blocks. */
  readonly subnets: readonly string[];
  /** Address of its bridge; undefined for a network without one, and where the engine does not tell it. */
  readonly gateway: string | undefined;
  /** Name of the host's interface that is its bridge, where the driver is `bridge`. */
  readonly bridge: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What its driver was told: `com.docker.network.bridge.enable_icc` and others. */
  readonly options: Readonly<Record<string, string>>;
  /** Whether it has no way out. */
  readonly internal: boolean;
}

const Inspected = z.array(
  z.object({
    Id: z.string(),
    Name: z.string(),
    Driver: z.string(),
    Scope: z.string().default("local"),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string(), Gateway: z.string().optional() })).nullable() }),
    Options: z.record(z.string(), z.string()).nullable(),
    Internal: z.boolean().default(false),
    Labels: z.record(z.string(), z.string()).nullable(),
  }),
);

/** Reads the output of `docker network inspect`. */
export const readNetworks = (json: string): Network[] =>
  readJson(Inspected, json, "docker network inspect").map(
    ({ Id, Name, Driver, Scope, IPAM, Options, Internal, Labels }) => {
      const blocks = (IPAM.Config ?? []).filter(({ Subnet }) => !Subnet.includes(":"));
      return {
        id: Id,
        name: Name,
        driver: Driver,
        scope: Scope,
        subnets: blocks.map(({ Subnet }) => Subnet),
        gateway: blocks.find(({ Gateway }) => Gateway !== undefined)?.Gateway,
        bridge: Options?.["com.docker.network.bridge.name"] ?? `br-${Id.slice(0, 12)}`,
        labels: Labels ?? {},
        options: Options ?? {},
        internal: Internal,
      };
    },
  );
