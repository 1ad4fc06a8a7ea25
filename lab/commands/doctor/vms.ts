import { VM_DEFAULTS } from "../../../components/practice-vm/defaults.ts";
import { machineTitle } from "../../faults/machine.ts";
import type { FactScript, Facts } from "../../host/facts.ts";
import type { HostMachine } from "../../host/machines.ts";
import type { Judgement } from "./finding.ts";

/** The look at what virtual machines need of this host. */
export const VM_FACTS: FactScript = { script: new URL("../../host/vms.sh", import.meta.url), call: "vms" };

const KIB_PER_MIB = 1024;
/** The disk that machines start from, and what one writes to its own. */
const BASE_MIB = 2048;
const OWN_MIB = 1024;

/** Whether this host can run so many virtual machines. */
export function judgeVms(facts: Facts, count: number): Judgement[] {
  const [uid, name] = facts.get("user")?.split(" ") ?? [];
  const machine = facts.get("vm.machine");
  const missing = facts.all("vm.missing");
  const id = "vm";
  return [
    ...(uid === "0"
      ? []
      : [
          {
            id: "root",
            level: "problem",
            what: `user ${name} is not root, which virtual machines need for their interfaces`,
            fix: "run this as root, or set dockernet:overlay practiceNodes: container",
          } as const,
        ]),
    ...(machine === "x86_64" || machine === undefined
      ? []
      : [
          {
            id,
            level: "problem",
            what: `virtual machines need an x86_64 host, and this is ${machine}`,
            fix: "set dockernet:overlay practiceNodes: container",
          } as const,
        ]),
    missing.length > 0
      ? {
          id,
          level: "problem",
          what: `virtual machines need missing packages: ${missing.join(", ")}`,
          fix: `apt-get install --no-install-recommends ${missing.join(" ")}`,
        }
      : { id, level: "ok", what: "QEMU is installed" },
    judgeKvm(facts.get("vm.kvm")),
    ...room(
      "memory",
      Number(facts.get("memory")),
      `of free memory for ${count} virtual machines`,
      count * VM_DEFAULTS.memoryMiB,
    ),
    ...room(
      "disk",
      Number(facts.get("vm.disk")),
      `free in /var/lib for ${count} virtual machines`,
      BASE_MIB + count * OWN_MIB,
    ),
  ];
}

/** What the virtual machines of an environment are that is up; undefined where only root may look. */
export function judgeMachines(machines: readonly HostMachine[] | undefined, environment: string): Judgement[] {
  const id = "vm-state";
  if (machines === undefined) return [{ id, level: "skipped", what: "virtual machines not checked: needs root" }];
  return machines.map((machine): Judgement => {
    const what = machineTitle(machine);
    if (machine.state === "running") return { id, level: "ok", what };
    const again =
      machine.state === "damaged" || machine.state === "gone"
        ? "recreates the machines with empty disks, and everything on them"
        : "starts it with its disk";
    return { id, level: "problem", what, fix: `npx lab recover ${environment}, which ${again}` };
  });
}

function judgeKvm(state: string | undefined): Judgement {
  const id = "kvm";
  if (state === "works") return { id, level: "ok", what: "KVM works" };
  if (state === "broken" || state === "missing") {
    const what = state === "missing" ? "no KVM: /dev/kvm is missing" : "KVM does not work: no kernel starts with it";
    const why = "virtual machines run in software emulation, about ten times slower: a minute or two to boot";
    return { id, level: "warning", what, why, fix: "nothing, or set dockernet:overlay practiceNodes: container" };
  }
  return { id, level: "skipped", what: "KVM not tried: there is no kernel yet to try it with" };
}

function room(id: string, kib: number, what: string, least: number): Judgement[] {
  const have = Math.floor(kib / KIB_PER_MIB);
  if (Number.isNaN(have)) return [];
  return [
    have < least
      ? { id, level: "warning", what: `${have} MiB ${what}, less than ${least}`, fix: "set a smaller overlay.nodes" }
      : { id, level: "ok", what: `${have} MiB ${what}` },
  ];
}
