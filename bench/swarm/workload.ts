import { COMMAND } from "../workload.ts";

/** Number of tasks of each service. */
export const REPLICAS = 10;

export const serviceNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `bench-${i + 1}`);

/** The services as `docker stack deploy` takes them: what SwarmService sets, and nothing else. */
export function stackFile(services: readonly string[], image: string, network: string, revision: number): string {
  const service = {
    image,
    command: COMMAND,
    environment: { REVISION: String(revision) },
    networks: [network],
    init: true,
    cap_drop: ["ALL"],
    deploy: {
      replicas: REPLICAS,
      endpoint_mode: "dnsrr",
      restart_policy: { condition: "any", delay: "1s" },
      update_config: { parallelism: 1, order: "stop-first", failure_action: "rollback" },
    },
  };
  return JSON.stringify({
    version: "3.9",
    networks: { [network]: { external: true } },
    services: Object.fromEntries(services.map((name) => [name, service])),
  });
}
