import { stackLabels } from "../../../components/lib/identity.ts";
import { hostId } from "../../../components/lib/nodeId.ts";
import type { TopologyNode } from "../../../stacks/topology.ts";
import type { Container } from "../../host/containers.ts";
import { engineSettingsOf, enginesOf, hindrances, isLive, restartOf } from "../../host/engineSettings.ts";
import { lostBy, lostInWords } from "../../host/firewall/needed.ts";
import { firewallOf } from "../../host/firewall/read.ts";
import { carries } from "../../host/labels.ts";
import type { HostSession } from "../../host/session.ts";
import { hostSessions } from "../../host/sessions.ts";
import { identityOf } from "../../state/environments.ts";
import type { Outputs } from "../../state/outputs.ts";

/** An engine that a restart repairs. */
export interface EngineRestart {
  readonly session: HostSession;
  /** What it has lost, or is hindered by. */
  readonly what: string;
  /** How it is restarted, and what becomes of its containers. */
  readonly restart: string;
  /** Whether a restart stops nothing but what is the environment's. */
  readonly isSafe: boolean;
}

/** The engines of an environment that a restart repairs. */
export async function engineRestarts(environment: string, { hosts, topology }: Outputs): Promise<EngineRestart[]> {
  const all = hostSessions(hosts);
  const names = Object.keys(hosts);
  const engines = await enginesOf(names.map((name) => ({ name, session: all(name) })));
  const hindered = hindrances(engines);
  const looks = [undefined, ...names].map(async (on): Promise<EngineRestart[]> => {
    const session = all(on);
    const settings = on === undefined ? await engineSettingsOf(session) : engines.get(on);
    const firewall = await firewallOf(session);
    if (!settings) return [];
    const lost = firewall && settings.networks ? lostBy(firewall, settings.networks) : [];
    const [hindrance] = (on !== undefined && hindered.get(on)) || [];
    if (lost.length === 0 && hindrance === undefined) return [];
    const containers = [...(await session.containers()).values()];
    const isOurs = on === undefined ? carriesAll(environment, containers) : isPracticeNode(topology.nodes, on);
    const isSafe = settings.isUnit && (isOurs || isLive(settings));
    const restart = restartOf(settings);
    if (lost.length > 0) {
      const what = `the engine of ${on ?? "this host"} has lost firewall rules, which it writes when it starts: ${lostInWords(lost)}`;
      return [{ session, what, restart, isSafe }];
    }
    // A stray thread may have done no harm, which is no reason to stop containers of other owners.
    return isSafe && hindrance !== undefined ? [{ session, what: hindrance, restart, isSafe }] : [];
  });
  return (await Promise.all(looks)).flat();
}

const carriesAll = (environment: string, containers: readonly Container[]): boolean =>
  containers.filter(({ running }) => running).every((each) => carries(each, stackLabels(identityOf(environment))));

/** Whether a host is a container of the environment's: everything on it is. */
const isPracticeNode = (nodes: readonly TopologyNode[], on: string): boolean =>
  nodes.some(({ id, in: within }) => id === hostId(on) && within !== undefined);
