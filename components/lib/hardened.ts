/** What a container of this project may do: nothing but the kernel capabilities that are named (capabilities(7)). */
export const hardened = (capabilities: readonly string[] = []) => ({
  capabilities: { drops: ["ALL"], adds: capabilities.map((capability) => `CAP_${capability}`) },
  securityOpts: ["no-new-privileges"],
});

/** Makes a container's creation wait until a command, run by `sh -c` inside it every 2 seconds, exits 0. */
export const readyWhen = (command: string, timeoutSec = 60) => ({
  healthcheck: { tests: ["CMD-SHELL", command], interval: "2s", timeout: "5s", retries: 5 },
  wait: true,
  waitTimeout: timeoutSec,
});
