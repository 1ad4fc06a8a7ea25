/** Timeout of one connection attempt, in seconds: enough to retransmit one or two lost packets (RFC 6298). */
const PER_DIAL_SEC = 3;
/** Pauses between attempts, in seconds, as in the retry package of Pulumi's SDK: 0.1, growing by half, at most 5. */
const FIRST_PAUSE_SEC = 0.1;
const LONGEST_PAUSE_SEC = 5;
/** Retries for a host that should be up: fails after 1 s of refused connections or 16 s without an answer. */
const RETRIES = 4;

/** Connection limits of the command provider: timeout of each attempt, and number of attempts. */
export interface DialLimits {
  readonly dialErrorLimit: number;
  readonly perDialTimeout: number;
}

/**
 * Limits for a host that needs up to `bootSec` seconds to accept connections. If it does not answer at all, instead of
 * refusing, each attempt takes up to 3 seconds longer.
 */
export function dialLimits(bootSec = 0): DialLimits {
  let [retries, paused] = [0, 0];
  while (retries < RETRIES || paused < bootSec) {
    paused += Math.min(FIRST_PAUSE_SEC * 1.5 ** retries, LONGEST_PAUSE_SEC);
    retries += 1;
  }
  return { dialErrorLimit: retries, perDialTimeout: PER_DIAL_SEC };
}
