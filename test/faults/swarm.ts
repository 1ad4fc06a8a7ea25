import type { Fault } from "./fault.ts";
import { managerFaults } from "./swarmManagers.ts";
import { networkFaults } from "./swarmNetworks.ts";
import { serviceFaults } from "./swarmServices.ts";
import { workerFaults } from "./swarmWorkers.ts";
import type { SwarmLab } from "./swarmWorld.ts";

/** The catalogue of a swarm. All are caused in one swarm, one after the other. */
export const swarmFaults: readonly Fault<SwarmLab>[] = [
  ...managerFaults,
  ...workerFaults,
  ...serviceFaults,
  ...networkFaults,
];
