/** What PracticeVm gives a machine unless its arguments say otherwise; the lab command counts with it, too. */
export const VM_DEFAULTS = {
  memoryMiB: 1024,
  cpus: 1,
  diskMiB: 8192,
  /** Time limits for a machine to become ready with KVM and in software emulation, in seconds. */
  readyTimeoutSec: 60,
  emulatedReadyTimeoutSec: 600,
} as const;
/** Time that a script which waits for a machine has beyond those limits, in seconds: at least that of a login. */
export const READY_MARGIN_SEC = 30;
/** Factor for time limits in software emulation: a login takes seconds of processor time. */
export const EMULATED_SLOWNESS = 6;
