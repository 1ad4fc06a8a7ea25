import * as z from "zod";
import { poolsProblem } from "../../../components/lib/swarm.ts";
import { block, MOST_HOSTS, port } from "../../fields.ts";
import { expected } from "../../words.ts";
import { BRIDGED, describeLab } from "../describe.ts";

const count = (range: ReturnType<typeof expected>) =>
  z.int(expected("a whole number")).min(1, range).max(MOST_HOSTS, range);

const settings = z.strictObject({
  subnet: block(8, 24).optional(),
  nodes: count(expected("1 to 7 nodes")).default(2),
  managers: count(expected("1 to 7 managers")).default(1),
  debian: z.literal([12, 13], expected("12 or 13")).default(13),
  network: block(8, 28).default("10.10.0.0/24"),
  pool: block(8, 24).default("10.20.0.0/16"),
  services: z.boolean().default(true),
  environment: z.record(z.string(), z.string(expected("a text"))).default({}),
  port,
});

/** Prefix length of networks from the pool. */
export const POOL_PREFIX = 24;

/** The overlay of today's engines: what the lab `overlay` shows, in Swarm mode. */
export const swarm = describeLab({
  row: 11,
  settings,
  /** `subnet` is the LAN of the practice nodes, `network` the block of the overlay network, `port` of each host. */
  resolve: (own, share) => ({ ...own, subnet: own.subnet ?? share.subnet, port: own.port ?? 5000 }),
  uses: ({ network, pool }) => ({ network: [network], pool: [pool] }),
  problems: ({ managers, pool }, hosts) => [
    ...(managers > hosts ? [`managers: expected at most as many as there are hosts, ${hosts}, got ${managers}`] : []),
    ...[poolsProblem([pool], POOL_PREFIX)].flatMap((problem) => (problem === undefined ? [] : [`pool: ${problem}`])),
  ],
  hosts: () => "all",
  needs: {
    without: {
      ip_vs:
        "services have no virtual address and there is no routing mesh, so names give the tasks' addresses in turn, and each host publishes its own tasks",
      esp4: "an encrypted network would carry no packets, so the lab has none",
    },
    ...BRIDGED,
    images: ["tiny", "redis", "web"],
    modules: [...BRIDGED.modules, "vxlan"],
    spoiledBy: ["userns-remap"],
  },
  presets: { swarm: {} },
});
