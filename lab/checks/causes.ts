import { parseNodeId } from "../../components/lib/nodeId.ts";
import type { Check } from "../../stacks/checks.ts";
import { containerFaults } from "../faults/container.ts";
import { type Context, distinct, environmentHost, type Fault } from "../faults/context.ts";
import { gossipFaults, hostFaults, memberFaults, unfitFaults } from "../faults/host.ts";
import { namespaceFaults } from "../faults/namespace.ts";
import { networkFaults } from "../faults/network.ts";
import { swarmPortFaults } from "../faults/swarm.ts";
import { unfitOn } from "../host/engineVerdicts.ts";
import type { Participant } from "./kind.ts";
import { kindOf } from "./kinds.ts";

/**
 * Returns the detectable faults that make a check fail: first those of its participants, then of the rest of its lab.
 */
export async function causesOf(context: Context, check: Check): Promise<Fault[]> {
  const kind = kindOf(check);
  const participants = kind.participants(check);
  const named = participants.filter((each) => each.kind === "host");
  const found = await Promise.all([
    ...participants.map((each) => faultsOf(context, each)),
    ...named.map(({ on }) => memberFaults(context, environmentHost(context, on))),
    kind.causes?.(check, context) ?? [],
    swarmPortFaults(context, check.lab),
  ]);
  const faults = found.flat().sort((a, b) => Number(a.symptom ?? false) - Number(b.symptom ?? false));
  if (faults.some(({ symptom }) => !symptom)) return distinct(faults);
  const hosts = [...new Set(participants.map(({ on }) => environmentHost(context, on)))];
  const unfit = (await Promise.all(hosts.map(({ session }) => unfitOn(session, check.lab)))).flat();
  if (unfit.length > 0) return distinct([...unfitFaults(unfit), ...faults]);
  const gossip = await gossipFaults(hosts);
  if (gossip.length > 0) return distinct([...gossip, ...faults]);
  const rest = await Promise.all(objectsOf(context, check.lab).map((each) => faultsOf(context, each)));
  return distinct([...rest.flat(), ...faults]);
}

const objectsOf = ({ outputs: { topology } }: Context, wanted: string): Participant[] =>
  topology.nodes.flatMap(({ kind, name, lab, in: inside, id }): Participant[] => {
    if (lab !== wanted || inside === undefined) return [];
    const { on } = parseNodeId(id);
    return kind === "container" || kind === "namespace" || kind === "network" ? [{ kind, name, on }] : [];
  });

function faultsOf(context: Context, { kind, name, on }: Participant): Promise<Fault[]> {
  const host = environmentHost(context, on);
  if (kind === "container") return containerFaults(context, host, name);
  if (kind === "namespace") return namespaceFaults(context, host, name);
  return kind === "network" ? networkFaults(context, host, name) : hostFaults(host);
}
