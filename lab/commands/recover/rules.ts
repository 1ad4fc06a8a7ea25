import { stackLabels } from "../../../components/lib/identity.ts";
import { machineId } from "../../../components/lib/nodeId.ts";
import type { TopologyNode } from "../../../stacks/topology.ts";
import type { Container } from "../../host/containers.ts";
import { engineSettingsOf, isLive, restartOf } from "../../host/engineSettings.ts";
import { lostBy, lostInWords } from "../../host/firewall/needed.ts";
import { firewallOf } from "../../host/firewall/read.ts";
import { carries } from "../../host/labels.ts";
import type { Machine } from "../../host/machine.ts";
import { machines } from "../../host/machines.ts";
import { identityOf } from "../../state/environments.ts";
import type { Outputs } from "../../state/outputs.ts";

/** An engine whose networks have lost their firewall rules, which it writes when it starts. */
export interface LostRules {
  readonly machine: Machine;
  readonly what: string;
  /** How it is restarted, and what becomes of its containers. */
  readonly restart: string;
  /** Whether a restart stops nothing but what is the environment's. */
  readonly isSafe: boolean;
}

/** The engines of an environment that have lost rules. */
export async function lostRules(environment: string, { hosts, topology }: Outputs): Promise<LostRules[]> {
  const all = machines(hosts);
  const looks = [undefined, ...Object.keys(hosts)].map(async (on): Promise<LostRules[]> => {
    const machine = all(on);
    const [firewall, settings] = await Promise.all([firewallOf(machine), engineSettingsOf(machine)]);
    const lost = firewall && settings?.networks ? lostBy(firewall, settings.networks) : [];
    if (lost.length === 0) return [];
    const containers = [...(await machine.containers()).values()];
    const isOurs = on === undefined ? carriesAll(environment, containers) : isPracticeNode(topology.nodes, on);
    return [
      {
        machine,
        what: `the engine of ${on ?? "this machine"} has lost firewall rules, which it writes when it starts: ${lostInWords(lost)}`,
        restart: restartOf(settings),
        isSafe: settings?.isUnit === true && (isOurs || isLive(settings)),
      },
    ];
  });
  return (await Promise.all(looks)).flat();
}

const carriesAll = (environment: string, containers: readonly Container[]): boolean =>
  containers.filter(({ running }) => running).every((each) => carries(each, stackLabels(identityOf(environment))));

/** Whether a host is a container of the environment's: everything on it is. */
const isPracticeNode = (nodes: readonly TopologyNode[], on: string): boolean =>
  nodes.some(({ id, in: within }) => id === machineId(on) && within !== undefined);
