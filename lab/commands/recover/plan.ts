import { rmSync } from "node:fs";
import type { Result } from "../../checks/verify.ts";
import { LabError } from "../../cli/errors.ts";
import { end } from "../../host/processes.ts";
import { restore } from "../../state/copies.ts";
import { readOutputs } from "../../state/outputs.ts";
import { pulumi, pulumiAnywhere } from "../../state/pulumi.ts";
import { detachedSteps } from "./detached.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { releaseEndpoints } from "./endpoints.ts";
import { removeUnknown } from "./leftovers.ts";
import { age } from "./locks.ts";
import { machineSteps } from "./machines.ts";
import { lossSteps } from "./managers.ts";
import type { Step } from "./step.ts";
import { swarmSteps } from "./swarm.ts";

/** How long an engine may take to stop its containers and to start again. */
const RESTART_MS = 180_000;

/** The steps that repair an environment, cheapest first; none if there is nothing to repair. */
export function planFor(environment: string, diagnosis: Diagnosis): Step[] {
  const { lost, move, pending, results, machines, swarm, detached } = diagnosis;
  const failed = results?.filter(({ passed }) => !passed) ?? [];
  const prepared = [
    ...interrupted(diagnosis),
    ...lostState(environment, diagnosis),
    ...machineSteps(environment, machines),
    ...engines(diagnosis),
    ...relief(diagnosis),
    ...released(environment, diagnosis),
    ...lossSteps(environment, swarm),
    ...swarmSteps(environment, results),
    ...detachedSteps(environment, detached),
  ];
  if (move) prepared.push(moved(environment, move));
  const refreshes = lost !== undefined || pending.length > 0 || move !== undefined;
  if (lost !== undefined || pending.length > 0) prepared.push(halfDone(environment, pending));
  if (prepared.length === 0 && results !== undefined && failed.length === 0) return [];
  const found = results === undefined ? "checks cannot run yet" : failedIn(results, failed);
  return [
    ...prepared,
    {
      found,
      does:
        `npx pulumi up${refreshes ? "" : " --refresh"} recreates what was stopped, removed or changed by hand, as far ` +
        "as Pulumi sees it, and lab verify runs all checks",
      act: () => up(environment, refreshes),
    },
    {
      found: "changes that Pulumi does not see, if checks still fail",
      does:
        `npx pulumi up --replace recreates all of their labs, or only lost etcd members if the others have a quorum; ` +
        kept(failed, diagnosis.onVms),
      // recover.ts does it, since only the step before shows which labs these are.
      act: async () => {},
    },
  ];
}

function interrupted({ orphans, locks }: Diagnosis): Step[] {
  const pids = orphans.map(({ pid, program }) => `${program} (process ${pid})`).join(", ");
  return [
    ...(orphans.length === 0
      ? []
      : [
          {
            found: `orphaned processes of an interrupted run: ${pids}`,
            does: "terminates them",
            act: async () => {
              const left = await end(orphans);
              if (left.length === 0) return;
              throw new LabError(`these processes could not be ended: ${left.map(({ pid }) => pid).join(", ")}`);
            },
          },
        ]),
    ...locks.map(({ file, owner, since }) => ({
      found: owner
        ? `stale lock of process ${owner.pid} (exited) of ${owner.user}, ${age(since)} old`
        : `unreadable lock, ${age(since)} old, without a running process`,
      does: `removes ${file}`,
      act: async () => {
        for (const each of [file, `${file}.attrs`]) rmSync(each, { force: true });
      },
    })),
  ];
}

function lostState(environment: string, { backend, lost }: Diagnosis): Step[] {
  if (!lost || !backend) return [];
  const { copy, why } = lost;
  return [
    {
      found: `${why}; the newest good copy is of ${copy.time.toISOString()}, with ${copy.resources} resources`,
      does: `restores ${copy.file} and keeps the current file beside it`,
      act: async () => restore(backend, environment, copy),
    },
  ];
}

const moved = (environment: string, { why, record }: NonNullable<Diagnosis["move"]>): Step => ({
  found: why,
  does:
    "npx pulumi refresh forgets what is not on this engine, and npx pulumi up creates it here; the other engine " +
    "keeps its objects, volumes and their data included",
  act: async () => {
    // The engine of a practice node that is not here does not answer; the `up` below recreates the node.
    await pulumiAnywhere(environment, ["refresh", "--clear-pending-creates"]);
    await pulumiAnywhere(environment, ["up", "--replace", record]);
  },
});

const relief = ({ crowded }: Diagnosis): Step[] =>
  crowded
    ? [
        {
          found: crowded.what,
          does: "etcdctl compact drops old revisions of v3 keys, defrag shrinks one member after the other, and alarm disarm lets etcd write again",
          act: crowded.relieve,
        },
      ]
    : [];

/** Restarts of engines that stop no container of another owner. */
const engines = ({ restarts }: Diagnosis): Step[] =>
  restarts
    .filter(({ isSafe }) => isSafe)
    .map(({ session, what, restart }) => ({
      found: what,
      does: `restarts it: ${restart}`,
      act: async () => {
        await session.run(["systemctl", "restart", "docker"], RESTART_MS);
      },
    }));

const released = (environment: string, { endpoints }: Diagnosis): Step[] =>
  endpoints.length === 0
    ? []
    : [
        {
          found: `a crash, or a stop without a quorum of etcd, has left endpoints in the cluster store, so that no container can have their names: ${endpoints.join(", ")}`,
          does:
            "docker network disconnect --force removes the endpoints, and an engine that attaches no container after the crash " +
            "is started once more; the containers keep their networks",
          act: async () => {
            await releaseEndpoints(await readOutputs(environment));
          },
        },
      ];

const halfDone = (environment: string, pending: readonly string[]): Step => ({
  found:
    pending.length > 0 ? `a run was interrupted while ${pending.join(", ")}` : "changes since that copy are not in it",
  does:
    "npx pulumi refresh --clear-pending-creates reads the actual state, then containers and networks of this " +
    "environment that the state does not know are removed; volumes are kept",
  act: async () => {
    // A missing host makes the refresh fail; the next `up` recreates it.
    await pulumi(environment, ["refresh", "--clear-pending-creates"]);
    await removeUnknown(environment);
  },
});

/**
 * A removed host makes a refresh fail, but Pulumi then knows that it is missing and an `up` without refresh recreates it.
 * A host that starts too slowly is ready at the second try. The state still lists what was on the removed host, until a
 * refresh asks the new one.
 */
async function up(environment: string, refreshed: boolean): Promise<void> {
  if (!refreshed && (await pulumi(environment, ["up", "--refresh"])) === 0) return;
  for (let tries = 0; tries < 2; tries += 1) {
    if ((await pulumi(environment, ["up"])) === 0) break;
  }
  if (!refreshed) await pulumi(environment, ["up", "--refresh"]);
}

const failedIn = (results: readonly Result[], failed: readonly Result[]): string =>
  failed.length === 0
    ? `all ${results.length} checks pass, but a run was interrupted`
    : `${failed.length} of ${results.length} checks fail, in ${labsOf(failed).join(", ")}: ` +
      failed.map(({ check, actual }) => `${check.id} (${actual})`).join(", ");

export const labsOf = (results: readonly Result[]): string[] => [...new Set(results.map(({ check }) => check.lab))];

/** Whether a lab across hosts has failed checks. */
export const isAcrossHosts = (failed: readonly Result[]): boolean =>
  labsOf(failed).some((lab) => lab === "overlay" || lab === "swarm");

const kept = (failed: readonly Result[], onVms: boolean): string =>
  isAcrossHosts(failed) && !onVms
    ? "practice nodes are recreated with everything on them, other volumes are kept"
    : `volumes${onVms ? " and virtual machines" : ""} are kept`;
