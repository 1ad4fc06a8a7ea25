import type { Uncovered } from "./fault.ts";

/** The faults of the list that are not made, and why. */
export const UNCOVERED: readonly Uncovered[] = [
  {
    id: "R16",
    title: "host that takes connections and then says nothing",
    reason: "protection absent",
    why: "the command provider waits without a limit; only Ctrl-C ends it",
  },
  {
    id: "R30",
    title: "data of one member of etcd lost",
    reason: "protection absent",
    why: "nothing replaces a member of a living cluster",
  },
  {
    id: "R31",
    title: "data of most members of etcd lost",
    reason: "protection absent",
    why: "nothing makes or restores backups of etcd",
  },
  {
    id: "R32",
    title: "backup of etcd corrupt or empty",
    reason: "protection absent",
    why: "nothing makes or restores backups of etcd",
  },
  {
    id: "R33",
    title: "disk of etcd full",
    reason: "protection absent",
    why: "no check reads the space that etcd has",
  },
  {
    id: "R34",
    title: "quota of etcd reached",
    reason: "protection absent",
    why: "no check reads etcd's alarms, and no command compacts and disarms",
  },
  {
    id: "R35",
    title: "data of etcd corrupt",
    reason: "protection absent",
    why: "no check reads etcd's alarms, and nothing replaces a member of a living cluster",
  },
  {
    id: "R36",
    title: "clocks of two hosts apart",
    reason: "cannot be made here",
    why: "containers share one clock, a time namespace does not shift it, and QEMU is too slow here for an overlay",
  },
  {
    id: "R39",
    title: "cluster grown under load",
    reason: "protection absent",
    why: "another member makes another cluster, which the preview says",
  },
  {
    id: "R40",
    title: "cluster shrunk",
    reason: "protection absent",
    why: "another member makes another cluster, which the preview says",
  },
  {
    id: "R41",
    title: "etcd upgraded",
    reason: "cannot be made here",
    why: "no registry has a second version of etcd with the v2 API; that 3.6 is refused a unit test proves",
  },
  {
    id: "R43",
    title: "certificate of etcd expired or of another name",
    reason: "protection absent",
    why: "etcd speaks no TLS here; it listens on the LAN of the lab",
  },
  {
    id: "R45",
    title: "engine that answers pings and fails at everything else",
    reason: "protection absent",
    why: "a refresh with the docker provider takes such a network for one that is gone",
  },
];
