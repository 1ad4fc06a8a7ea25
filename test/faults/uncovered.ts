import type { Uncovered } from "./fault.ts";

/** The faults of the list that are not covered, and why. */
export const UNCOVERED: readonly Uncovered[] = [
  {
    id: "R16",
    title: "host that accepts connections and then does not answer",
    reason: "protection absent",
    why: "the command provider has no time limit for that; only Ctrl-C ends it",
  },
  {
    id: "R43",
    title: "etcd's certificate expired or for another name",
    reason: "cannot be caused here",
    why: "etcd in these worlds is the tutorial's, without TLS; the tests of etcd cover expired certificates and other CAs",
  },
  {
    id: "R45",
    title: "engine that answers pings and fails every other request",
    reason: "protection absent",
    why: "a refresh with the docker provider treats such a network as deleted",
  },
];
