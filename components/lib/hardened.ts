import { quote } from "./quote.ts";

/** Kernel capabilities (capabilities(7)) in the form that the Docker provider takes: those that are named, and no other. */
export const onlyCapabilities = (names: readonly string[]) => ({
  drops: ["ALL"],
  adds: names.map((name) => `CAP_${name}`),
});

/** There once the last probe has passed. Each start of a container has a /dev/shm of its own. */
const PASSED = "/dev/shm/passed";
/** Between two probes that pass, in seconds. */
const CALM_SEC = 28;
/** For a probe, in seconds. */
const LIMIT_SEC = 5;

/**
 * The health check of a container that is ready when a command, run by `sh -c` inside it, exits 0. It is run every second until it
 * does, and then twice a minute until it fails. To begin one costs an engine much more than most of them do (runc is started five
 * times), and engines before 25.0 have no interval of its own for the start, so a probe itself waits where the last one has
 * passed.
 */
export const healthProbe = (command: string) => ({
  tests: [
    "CMD-SHELL",
    `[ ! -e ${PASSED} ] || sleep ${CALM_SEC}; rm -f ${PASSED}; timeout ${LIMIT_SEC} sh -c ${quote(command)} && : >${PASSED}`,
  ],
  interval: "1s",
  timeout: `${CALM_SEC + 2 * LIMIT_SEC}s`,
  retries: 10,
});

/**
 * Properties of a container that no engine changes in place. The official docker provider says that it updates them and does
 * nothing, at every `up` again: with `replaceOnChanges` the container is made again.
 */
export const NEVER_IN_PLACE = ["healthcheck", "init", "tmpfs"] as const;
