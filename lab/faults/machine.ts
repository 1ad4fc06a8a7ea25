import type { HostMachine } from "../host/machines.ts";

const STATES: Readonly<Record<HostMachine["state"], string>> = {
  running: "runs",
  stopped: "does not run",
  unsupervised: "is not supervised",
  disconnected: "is cut off from its LAN",
  damaged: "is damaged",
  gone: "is gone",
};

/** Describes a machine in a sentence without a full stop. */
export const machineTitle = ({ host, name, state, what }: HostMachine): string =>
  `the virtual machine ${name}${name === host ? "" : `, which is ${host},`} ${STATES[state]}${what && `: ${what}`}`;

/** Returns the faults of a host's virtual machine. An unsupervised machine still runs, until it exits. */
export const machineFaults = (
  machine: HostMachine,
  environment: string,
): { readonly title: string; readonly fix: string; readonly unseen?: true }[] =>
  machine.state === "running"
    ? []
    : [
        {
          title: machineTitle(machine),
          fix: `npx lab recover ${environment}`,
          ...(machine.state !== "unsupervised" && { unseen: true }),
        },
      ];
