import { quote } from "./quote.ts";

/**
 * Kernel capabilities (capabilities(7)) in the Docker provider's form: the listed ones are added, all others dropped.
 */
export const onlyCapabilities = (names: readonly string[]) => ({
  drops: ["ALL"],
  adds: names.map((name) => `CAP_${name}`),
});

/** File that exists once a probe has passed. Each start of a container has a new /dev/shm. */
const PASSED = "/dev/shm/passed";
/** Time between two passing probes, in seconds. */
const CALM_SEC = 28;
/** Timeout of a probe, in seconds. */
const LIMIT_SEC = 5;

/**
 * A container's health check: `command` runs with `sh -c` inside the container and passes if it exits 0. It runs every
 * second until it passes, then twice a minute until it fails. Starting a probe is expensive for the engine (it starts
 * runc five times), and engines before 25.0 have no separate start interval. So after a passed probe, the next probe
 * itself waits.
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
 * Container properties that no engine changes in place. The official docker provider reports an update of them at every
 * `up` and does nothing; with `replaceOnChanges` the container is replaced.
 */
export const NEVER_IN_PLACE = ["healthcheck", "init", "tmpfs"] as const;
