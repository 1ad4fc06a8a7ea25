import { stackLabels } from "../../../components/lib/identity.ts";
import { hostId } from "../../../components/lib/nodeId.ts";
import type { TopologyNode } from "../../../stacks/topology.ts";
import type { Container } from "../../host/containers.ts";
import { engineSettingsOf, isLive, restartOf } from "../../host/engineSettings.ts";
import { lostBy, lostInWords } from "../../host/firewall/needed.ts";
import { firewallOf } from "../../host/firewall/read.ts";
import { carries } from "../../host/labels.ts";
import type { HostSession } from "../../host/session.ts";
import { hostSessions } from "../../host/sessions.ts";
import { identityOf } from "../../state/environments.ts";
import type { Outputs } from "../../state/outputs.ts";

/** An engine whose networks have lost their firewall rules, which it writes when it starts. */
export interface LostRules {
  readonly session: HostSession;
  readonly what: string;
  /** How it is restarted, and what becomes of its containers. */
  readonly restart: string;
  /** Whether a restart stops nothing but what is the environment's. */
  readonly isSafe: boolean;
}

/** The engines of an environment that have lost rules. */
export async function lostRules(environment: string, { hosts, topology }: Outputs): Promise<LostRules[]> {
  const all = hostSessions(hosts);
  const looks = [undefined, ...Object.keys(hosts)].map(async (on): Promise<LostRules[]> => {
    const session = all(on);
    const [firewall, settings] = await Promise.all([firewallOf(session), engineSettingsOf(session)]);
    const lost = firewall && settings?.networks ? lostBy(firewall, settings.networks) : [];
    if (lost.length === 0) return [];
    const containers = [...(await session.containers()).values()];
    const isOurs = on === undefined ? carriesAll(environment, containers) : isPracticeNode(topology.nodes, on);
    return [
      {
        session,
        what: `the engine of ${on ?? "this host"} has lost firewall rules, which it writes when it starts: ${lostInWords(lost)}`,
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
  nodes.some(({ id, in: within }) => id === hostId(on) && within !== undefined);
