import { contextOf, environmentHost } from "../../faults/context.ts";
import { membersOf } from "../../faults/host.ts";
import { etcdHealthy } from "../../host/etcd.ts";
import type { Outputs } from "../../state/outputs.ts";
import { replace } from "../../state/pulumi.ts";
import { type Resource, readExport, scriptNameOf } from "../../state/stackExport.ts";
import type { Step } from "./step.ts";

/** An etcd member that takes no part in a cluster that has its quorum without it. */
interface LostMember {
  readonly name: string;
  /** URN of the script that installs it. */
  readonly urn: string;
}

/** Replaces lost members; no step without any. */
export async function lostMemberSteps(environment: string, outputs: Outputs): Promise<Step[]> {
  const members = await lostMembers(environment, outputs);
  if (members.length === 0) return [];
  return [
    {
      found: `the etcd cluster has a quorum without ${members.map(({ name }) => name).join(", ")}`,
      does: "replaces these members",
      act: async () => {
        await replace(
          environment,
          members.map(({ urn }) => urn),
        );
      },
    },
  ];
}

/**
 * The members that a cluster with a quorum works without: their data is lost or damaged. If such a member's script is
 * replaced, the member leaves the cluster and joins it again with an empty folder, and the others send it their data.
 */
async function lostMembers(environment: string, outputs: Outputs): Promise<LostMember[]> {
  const context = contextOf(environment, outputs);
  const members = membersOf(context);
  const healthy = await Promise.all(members.map(({ on }) => etcdHealthy(environmentHost(context, on).session)));
  if (healthy.every(Boolean) || !healthy.some(Boolean)) return [];
  const { resources } = await readExport(environment);
  return members.flatMap(({ name }, index) => {
    const urn = memberScript(name, resources);
    return healthy[index] || urn === undefined ? [] : [{ name, urn }];
  });
}

/** The script of a member of the lab's cluster in a state. */
export const memberScript = (name: string, resources: readonly Resource[]): string | undefined =>
  resources.find((each) => each.urn.includes("EtcdMember$command:") && scriptNameOf(each) === `etcd-${name}`)?.urn;
