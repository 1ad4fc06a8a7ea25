/** Time for one attempt to connect, in seconds: enough for a lost first packet or two to be sent again (RFC 6298). */
const PER_DIAL_SEC = 3;
/** The pauses between attempts, in seconds, of the retry package of Pulumi's SDK: 0.1, half as long again, 5 at most. */
const FIRST_PAUSE_SEC = 0.1;
const LONGEST_PAUSE_SEC = 5;
/** Attempts after the first for a host that ought to be up: 1 s of refusals, 16 s of silence. */
const RETRIES = 4;

/** How often the command provider dials, and how long each time, before it gives a host up. */
export interface DialLimits {
  readonly dialErrorLimit: number;
  readonly perDialTimeout: number;
}

/**
 * Limits for a host that needs up to `bootSec` seconds until it takes connections. One that is silent all the time,
 * and does not refuse, is waited for up to 3 seconds an attempt longer.
 */
export function dialLimits(bootSec = 0): DialLimits {
  let [retries, paused] = [0, 0];
  while (retries < RETRIES || paused < bootSec) {
    paused += Math.min(FIRST_PAUSE_SEC * 1.5 ** retries, LONGEST_PAUSE_SEC);
    retries += 1;
  }
  return { dialErrorLimit: retries, perDialTimeout: PER_DIAL_SEC };
}
