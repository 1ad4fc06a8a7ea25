import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { Incident } from "./fault.ts";
import { makeLab } from "./lab.ts";
import { type NodesLab, withNodes } from "./worlds.ts";

/** The numbers of its nodes: three managers and a worker. */
export const SWARM_NODES = [1, 2, 3, 4] as const;
export const MANAGERS = 3;

/** The swarm lab on practice nodes: redis with the hits on the first one, and a front end on each. */
export interface SwarmLab extends NodesLab {
  /** Runs a script on a node, as root. */
  readonly sh: (number: number, script: string) => Promise<string>;
  /** The address of a node. */
  readonly address: (number: number) => Promise<string>;
  /** Notes what must be kept from then on, with the hits after a few visits. */
  readonly noted: () => Promise<void>;
  /** Visits the counter through the first node, which must count, and notes the hits. Needs no quorum. */
  readonly visited: () => Promise<void>;
}

/** What a swarm must keep, whatever becomes of its nodes. */
export interface Kept {
  /** Its id: a new one would be another, empty swarm. */
  readonly swarm: string;
  /** Id and labels of a service that is no part of the environment. */
  readonly service: string;
  readonly hits: number;
}

/** What of it is lost. */
export function lostOf(before: Kept, now: Partial<Kept>): string[] {
  const { swarm = "gone", service = "gone", hits = -1 } = now;
  return [
    ...(swarm === before.swarm ? [] : [`the swarm ${before.swarm} is ${swarm}`]),
    ...(service === before.service ? [] : [`the user's service ${before.service} is ${service}`]),
    ...(hits >= before.hits ? [] : [`the counter was at ${before.hits} and is at ${hits}`]),
  ];
}

const VISITS = 10;
const REDIS = "$(docker ps --quiet --filter label=com.docker.swarm.service.name=redis)";
const HITS = `docker exec ${REDIS} redis-cli get hits`;
/** A page of the counter, from the first node. */
const PAGE = "curl -fsS -m 5 http://127.0.0.1:5000/";
const KEPT = `docker info --format '{{.Swarm.Cluster.ID}}'; docker service inspect --format '{{.ID}} {{.Spec.Labels}}' mine`;
const MINE = `docker service create --detach --name mine --label owner=me --constraint node.role==manager --no-resolve-image \
  "$(docker inspect --format '{{.Image}}' test12)" sleep infinity`;

/**
 * What a fault could leave on a node. A task that ended is the engine's own history, and the numbers of interfaces are others each
 * time.
 */
const TRACES = `docker network ls --format 'network {{.Name}}' | sort
  docker volume ls --format 'volume {{.Name}}' | grep -Ev '[0-9a-f]{64}' | sort
  docker ps --all --format '{{.Names}} on {{.Networks}} {{.Label "com.docker.swarm.task.id"}}' | sed -n 's/^\\(.*\\) $/container \\1/p' | sort
  iptables -S INPUT; iptables -S OUTPUT; ls -d /run/systemd/system/docker.service.d 2>/dev/null
  mount | grep -o ' on /var/lib/docker/[a-z]* type tmpfs' || :`;

export async function makeSwarmLab(): Promise<SwarmLab> {
  let [before, now]: [Kept | undefined, Partial<Kept>] = [undefined, {}];
  const whole = new Map<number, string>();
  const kept = async (): Promise<Partial<Kept>> => {
    const [swarm, service] = (await sh(1, KEPT).catch(() => "")).split("\n");
    const hits = Number(await sh(1, HITS).catch(() => -1));
    return { ...(swarm && { swarm }), ...(service && { service }), hits };
  };
  const lab: NodesLab = withNodes(
    await makeLab({
      settings: { labs: ["swarm"], swarm: { nodes: SWARM_NODES.length, managers: MANAGERS } },
      running: true,
      lost: async () => {
        now = await kept();
        return before ? lostOf(before, now) : ["nothing was noted before"];
      },
      leftovers: async () => (await Promise.all(SWARM_NODES.map(traced))).flat(),
    }),
  );
  const sh: SwarmLab["sh"] = (number, script) => lab.on(number, "sh", "-c", script);
  const traced = async (number: number) => {
    const seen = await sh(number, TRACES);
    const clean = whole.get(number)?.split("\n") ?? [];
    return seen.split("\n").flatMap((line) => (clean.includes(line) ? [] : [`on node ${number}: ${line}`]));
  };
  const visited = async () => {
    const hits = Number(await sh(1, HITS));
    await sh(1, `for _ in $(seq ${VISITS}); do ${PAGE} >/dev/null || exit; done`);
    const after = Number(await sh(1, HITS));
    assert.ok(after >= hits + VISITS, `${VISITS} visits raised the hits from ${hits} to ${after}`);
    if (before) before = { ...before, hits: after };
  };
  const noted = async () => {
    const { swarm, service, hits = -1 } = await kept();
    assert.ok(swarm && service && hits >= 0, `nothing to keep: ${swarm}, ${service}, ${hits} hits`);
    before = { swarm, service, hits };
    await visited();
  };
  await sh(1, MINE);
  for (const number of SWARM_NODES) whole.set(number, await sh(number, TRACES));
  return {
    ...lab,
    sh,
    noted,
    visited,
    address: async (number) => (await lab.environment.outputs()).hosts[`docker-node${number}`]?.address ?? "",
    measured: () => `hits ${before?.hits} → ${now.hits}`,
  };
}

/** Waits until a script on a node prints this; throws if it does not in that time. */
export async function prints(
  lab: SwarmLab,
  number: number,
  script: string,
  expected: RegExp,
  withinSec = 90,
): Promise<void> {
  let said = "";
  for (const end = Date.now() + withinSec * 1000; Date.now() < end; await setTimeout(500)) {
    said = await lab.sh(number, `${script} 2>&1 || :`);
    if (expected.test(said)) return;
  }
  assert.match(said, expected, `${script} on node ${number}`);
}

/** Waits until a manager says that of a node: `ready` or `down`. */
export const managerSays = (lab: SwarmLab, manager: number, node: number, state: "ready" | "down"): Promise<void> =>
  prints(lab, manager, `docker node inspect --format '{{.Status.State}}' docker-node${node}`, new RegExp(`^${state}$`));

/** Notes what must be kept, causes a fault, and asks `lab` about it: to verify these rows, and to explain these objects. */
export const seen =
  (
    rows: readonly string[],
    objects: readonly string[],
    cause: (lab: SwarmLab) => Promise<Incident["end"] | undefined>,
  ): ((lab: SwarmLab) => Promise<Incident>) =>
  async (lab) => {
    await lab.noted();
    const end = await cause(lab);
    try {
      const { code, text } = await lab.ask("verify", "--only", ...rows);
      assert.equal(code, 1, text);
      let said = text;
      for (const object of objects) said += `\n${(await lab.ask("explain", object)).text}`;
      return { said, ...(end && { end }) };
    } catch (error) {
      await end?.();
      throw error;
    }
  };
