import { assignments, readScript, withVerbs } from "../../../components/host-script/scriptText.ts";
import { READY_MARGIN_SEC, VM_DEFAULTS } from "../../../components/practice-vm/defaults.ts";
import type { HostAccess } from "../../../stacks/checks.ts";
import { PROJECT } from "../../../toolchain/environment.ts";
import { errorTail, run } from "../../../toolchain/run.ts";
import { LabError } from "../../cli/errors.ts";
import { machineTitle } from "../../faults/machine.ts";
import { type HostMachine, machineNames } from "../../host/machines.ts";
import { readOutputs } from "../../state/outputs.ts";
import { forget, pulumi } from "../../state/pulumi.ts";
import { type Resource, readExport } from "../../state/stackExport.ts";
import { releaseEndpoints } from "./endpoints.ts";
import { removeUnknown } from "./leftovers.ts";
import type { Step } from "./step.ts";

const READY = new URL("../../../components/practice-vm/ready.sh", import.meta.url);
/** Whether a machine can start only with an empty disk. */
const isLost = ({ state }: HostMachine): boolean => state === "damaged" || state === "gone";

/** The resource that is the machine of a host: everything on it depends on that. */
export const machineOf = (host: string, resources: readonly Resource[]): string | undefined =>
  resources.find(({ urn }) => urn.includes("PracticeVm$command:") && urn.endsWith(`::${host}`))?.urn;

/**
 * The steps for virtual machines that do not run as they should. A machine whose disk is whole is started with it, before Pulumi
 * asks the engine on it. The others cannot be.
 */
export function machineSteps(environment: string, machines: readonly HostMachine[]): Step[] {
  if (machines.length === 0) return [];
  const [lost, whole] = [machines.filter(isLost), machines.filter((each) => !isLost(each))];
  return [
    ...(whole.length === 0
      ? []
      : [
          {
            found: whole.map(machineTitle).join("; "),
            does: "starts it again with its disk, and waits until it is ready",
            act: () => startAll(environment, whole),
          },
        ]),
    ...(lost.length === 0
      ? []
      : [
          {
            found: lost.map(machineTitle).join("; "),
            does:
              "removes all virtual machines of the environment and takes what was on them out of the state, then npx pulumi up " +
              "creates them with empty disks",
            act: () => replaceAll(environment),
          },
        ]),
  ];
}

async function startAll(environment: string, machines: readonly HostMachine[]): Promise<void> {
  const outputs = await readOutputs(environment);
  await Promise.all(machines.map((each) => start(each, outputs.hosts[each.host])));
  await releaseEndpoints(outputs);
}

async function start({ host, name, owner }: HostMachine, access: HostAccess | undefined): Promise<void> {
  if (access?.keyFile === undefined) throw new LabError(`the state has no address and key of ${host}`);
  const acceleration = access.slowness === undefined ? "kvm" : "tcg";
  const { readyTimeoutSec, emulatedReadyTimeoutSec } = VM_DEFAULTS;
  const variables = {
    NAME: name,
    OWNER: owner,
    ACCELERATION: acceleration,
    ADDRESS: access.address,
    HOST_KEY: access.hostKey,
    KEY_FILE: access.keyFile,
    WITHIN: String(readyTimeoutSec),
    EMULATED_WITHIN: String(emulatedReadyTimeoutSec),
  };
  const input = `${assignments(variables)}\n${withVerbs(readScript(READY))}`;
  const withinSec = acceleration === "kvm" ? readyTimeoutSec : emulatedReadyTimeoutSec;
  const timeoutMs = (withinSec + READY_MARGIN_SEC) * 1000;
  await run("sh", ["-s", "--", "up"], { cwd: PROJECT, input, timeoutMs }).catch((error) => {
    throw new LabError(`the virtual machine ${name} could not be started:\n${errorTail(error, 5)}`);
  });
}

/**
 * A member of etcd without its data does not get back into its cluster, and Pulumi cannot delete what is on a machine that is off:
 * it would ask the engine there. So all machines go, with what is on them, and an `up` creates them.
 */
async function replaceAll(environment: string): Promise<void> {
  const { topology } = await readOutputs(environment);
  const { resources } = await readExport(environment);
  const urns = [...machineNames(topology).keys()].flatMap((host) => machineOf(host, resources) ?? []);
  await forget(environment, urns);
  await removeUnknown(environment, ({ kind }) => kind === "virtual machine" || kind === "interface");
  await pulumi(environment, ["up"]);
}
