import { engineFaults, runningFaults } from "./engine.ts";
import { clusterFaults, overlayFaults, sizeFaults } from "./etcd.ts";
import { lostData, overlayDataFaults } from "./etcdData.ts";
import { tlsFaults } from "./etcdTls.ts";
import { upgradeFaults } from "./etcdUpgrade.ts";
import type { Fault, World } from "./fault.ts";
import { makeHostLab } from "./host.ts";
import { interruptedRuns } from "./interrupted.ts";
import { lanFaults } from "./lan.ts";
import { nodeFaults } from "./nodes.ts";
import { refusedHosts } from "./ssh.ts";
import { lostConnections } from "./sshLost.ts";
import { freshFaults, stateFaults } from "./state.ts";
import { swarmFaults } from "./swarm.ts";
import { makeSwarmLab } from "./swarmWorld.ts";
import { vmFaults } from "./vms.ts";
import {
  makeClusterLab,
  makeFreshLab,
  makeLanLab,
  makeNodesLab,
  makeOverlayLab,
  makeRunningLab,
  makeSizeLab,
  makeTlsLab,
  makeVmLab,
} from "./worlds.ts";

/** Faults that run in one kind of world. */
export interface Kind<W extends World = World> {
  readonly name: string;
  readonly make: () => Promise<W>;
  readonly faults: readonly Fault<W>[];
  /**
   * The option that runs these, which nothing but `--only` does otherwise: `vms` need virtual machines, and both take many
   * minutes. @default - the others: they run without an option
   */
  readonly suite?: "vms" | "swarm";
}

const kind = <W extends World>(name: string, make: () => Promise<W>, faults: readonly Fault<W>[]): Kind =>
  // A fault only runs in a world of its own kind.
  ({ name, make, faults }) as unknown as Kind;

/** Every fault that can be caused, by the kind of world that it needs. */
export const FAULT_KINDS: readonly Kind[] = [
  kind("an environment that is not up", makeFreshLab, [...interruptedRuns, ...engineFaults, ...freshFaults]),
  kind("a running environment", makeRunningLab, [...runningFaults, ...stateFaults]),
  kind("a running environment on a LAN", makeLanLab, lanFaults),
  kind("a host of the user's", makeHostLab, [...refusedHosts, ...lostConnections]),
  kind("practice nodes without an overlay", makeNodesLab, nodeFaults),
  kind("an overlay on two nodes", makeOverlayLab, [...overlayFaults, ...overlayDataFaults]),
  kind("an overlay with TLS on two nodes", makeTlsLab, tlsFaults),
  kind("an overlay on three nodes", makeClusterLab, [...clusterFaults, ...upgradeFaults, ...lostData]),
  kind("an overlay on one node", makeSizeLab, sizeFaults),
  { ...kind("an overlay on two virtual machines", makeVmLab, vmFaults), suite: "vms" },
  { ...kind("a swarm of three managers and a worker", makeSwarmLab, swarmFaults), suite: "swarm" },
];
